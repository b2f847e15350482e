import toFastProperties from 'to-fast-properties'

const compilable = new WeakSet<object>()

/**
 * Lets V8 compile the constructor of one of the driver's objects, a query or the rows that answer one; the earlier, the
 * better. Both classes have a computed static member (`Symbol.species`), for which V8 keeps a class as a dictionary,
 * and code that calls `super` of such a class is thrown away as soon as it is compiled (`StableMapDependency`, seen
 * with Node.js 20, 22 and 24). A query made by code that is not compiled is tied to the old generation by the functions
 * it assigns, so that its rows live on until the next full collection.
 */
export function letCompile ({ constructor }: object): void {
  if (compilable.has(constructor)) return
  compilable.add(constructor)
  toFastProperties(constructor)
}
