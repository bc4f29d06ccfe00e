/**
 * A Java properties file with what `Properties.store` escapes, sorted by key and without its date, so that the same
 * properties always make the same file.
 */
export function writeProperties(properties: Readonly<Record<string, string>>, comment: string): string {
  const lines = Object.keys(properties)
    .sort()
    .map((key) => `${escape(key, 'key')}=${escape(properties[key]!, 'value')}\n`);
  return `#${comment}\n${lines.join('')}`;
}

const escapes: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

const ESCAPED = /[\t\n\r\f=:#!\\ ]/;

function escape(text: string, part: 'key' | 'value'): string {
  if (!ESCAPED.test(text)) return text;
  const escaped = text.replace(/[\t\n\r\f=:#!\\]/g, (character) => escapes[character] ?? `\\${character}`);
  return part === 'key' ? escaped.replace(/ /g, '\\ ') : escaped.replace(/^ /, '\\ ');
}
