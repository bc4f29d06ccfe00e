/**
 * As the core of the SDK, which takes strings of valid UTF-8 only: with half a character in one the task fails, and is
 * repeated for ever. Payloads are bytes, in which JSON escapes it.
 *
 * @throws Error that names the field
 */
export function refuseHalfCharacters(value: unknown, path = 'command'): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Error(`${path} has half a character: ${JSON.stringify(value)}`);
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [key, each] of Object.entries(value)) refuseHalfCharacters(each, `${path}.${key}`);
  }
}
