const NEWLINE = 0x0a;
/** A longer line is handled as several. */
export const LONGEST_LINE = 2 ** 20;
/** What `lastLines` keeps of lines that are very long. */
const LONGEST_TAIL = 2 ** 24;

/** The lines of a log, each with its end; the last one may have none. Memory is one line. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let open: Buffer[] = [];
  let openBytes = 0;
  for await (const chunk of bytes) {
    // Copied where it is kept: what the chunk is a part of may be used again.
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      const newline = rest.indexOf(NEWLINE);
      const end = Math.min(newline === -1 ? rest.length : newline + 1, LONGEST_LINE - openBytes);
      const isWhole = (newline !== -1 && end === newline + 1) || openBytes + end === LONGEST_LINE;
      const part = rest.subarray(0, end);
      if (isWhole) {
        yield openBytes === 0 ? part : Buffer.concat([...open, part]);
        open = [];
        openBytes = 0;
      } else {
        open.push(Buffer.from(part));
        openBytes += end;
      }
      rest = rest.subarray(end);
    }
  }
  if (openBytes > 0) yield Buffer.concat(open);
}

/** The last lines, or fewer where they have more than 16 MiB. */
export async function* lastLines(lines: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer, void> {
  const kept: Buffer[] = [];
  let bytes = 0;
  let first = 0;
  for await (const line of lines) {
    if (count === 0) continue;
    kept.push(Buffer.from(line));
    bytes += line.length;
    while (kept.length - first > count || bytes > LONGEST_TAIL) {
      bytes -= kept[first]!.length;
      kept[first] = EMPTY;
      first += 1;
    }
    if (first > 10_000 && first > kept.length / 2) {
      kept.splice(0, first);
      first = 0;
    }
  }
  yield* kept.slice(first);
}

const EMPTY = Buffer.alloc(0);

/** Those lines that the test takes, with a mark before each, and with an end. */
export async function* selected(
  lines: AsyncIterable<Buffer>,
  test: (line: string) => boolean,
  mark: string,
): AsyncGenerator<Buffer, void> {
  for await (const line of lines) {
    const hasEnd = line.at(-1) === NEWLINE;
    if (!test(line.toString('utf8', 0, hasEnd ? line.length - 1 : line.length))) continue;
    if (mark === '' && hasEnd) yield line;
    else yield Buffer.concat([Buffer.from(mark), line, ...(hasEnd ? [] : [Buffer.from('\n')])]);
  }
}
