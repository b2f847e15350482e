import { Placeholder } from 'drizzle-orm'
import type { OwnerKind } from './owners.js'

// What is left open in a compiled query, and given when it is run. The name is Drizzle's to find the value by; everyone
// else goes by the class.

/** The caller, as a value of an owner column. */
export class OwnerParameter extends Placeholder {
  static keyOf (of: OwnerKind): string { return `owner ${of}` }
  constructor (readonly of: OwnerKind) { super(OwnerParameter.keyOf(of)) }
}

/** What stands for the caller in owner columns, by whose they are. */
export interface OwnerValues extends Record<OwnerKind, string | OwnerParameter | null> {
  user: string | OwnerParameter
  /** `null` without an active organization. */
  organization: string | OwnerParameter | null
}

/** The values of one caller. */
export interface CallerValues extends OwnerValues {
  user: string
  organization: string | null
}

/** One column of the primary key, by its place there. */
export class IdParameter extends Placeholder {
  static keyOf (index: number): string { return `id ${index}` }
  constructor (index: number) { super(IdParameter.keyOf(index)) }
}

/** What is written to the column of this property. */
export class ValueParameter extends Placeholder {
  static keyOf (property: string): string { return `value ${property}` }
  constructor (property: string) { super(ValueParameter.keyOf(property)) }
}

/** The range of a list. */
export class RangeParameter extends Placeholder {
  static keyOf (bound: 'limit' | 'offset'): string { return bound }
  constructor (bound: 'limit' | 'offset') { super(RangeParameter.keyOf(bound)) }
}
