/**
 * Empties a field while its text is on the way, so that what is typed meanwhile is the next text and stays. A text that
 * was refused stands in the field again, unless there is another one by then.
 */
export async function send (field, action) {
  const text = field.value.trim()
  field.value = ''
  try {
    return await action(text)
  } catch (error) {
    if (field.value === '') field.value = text
    throw error
  }
}
