/**
 * The lines of a stream of UTF-8, without their line ends; what follows the last line end is not a line. Each byte is
 * looked at once, however many chunks a line spans.
 *
 * @throws RangeError where a line is longer than that many bytes
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<string> {
  let open: Buffer[] = [];
  let openBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      const part = chunk.subarray(start, end);
      yield (open.length === 0 ? part : Buffer.concat([...open, part])).toString();
      open = [];
      openBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) open.push(chunk.subarray(start));
    openBytes += chunk.length - start;
    if (openBytes > limitBytes) throw new RangeError(`a line exceeds the limit of ${limitBytes} bytes`);
  }
}
