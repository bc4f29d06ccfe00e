import { withoutTrailing } from '../../validation/trim.ts';

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** The entries of a file in the format of `java.util.Properties`; of a key given twice, the last. */
export function readJavaProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const [beginning, key] = /^((?:\\[^]|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*/.exec(line)!;
    properties.set(unescaped(key!), unescaped(line.slice(beginning.length)));
  }
  return properties;
}

/** Lines without comments and blank ones; one that ends in an odd number of backslashes continues in the next. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string | undefined;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '');
    if (begun === undefined && (line === '' || /^[#!]/.test(line))) continue;
    // What was begun ends in an even number of backslashes, so only those of this line count.
    if ((line.length - withoutTrailing(line, '\\').length) % 2 === 1) {
      begun = (begun ?? '') + line.slice(0, -1);
      continue;
    }
    lines.push((begun ?? '') + line);
    begun = undefined;
  }
  return begun === undefined ? lines : [...lines, begun];
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, code: string | undefined, character: string | undefined) =>
    code === undefined ? (escapes[character!] ?? character!) : String.fromCharCode(parseInt(code, 16)),
  );
