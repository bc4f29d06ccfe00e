// `bin/spark-submit` of a Spark that takes as long as the harness wants, and makes what the harness gives it. Its first
// argument is the harness; the others are those of spark-submit.
import { readFile } from 'node:fs/promises';

const [, , harness = '', ...args] = process.argv;
const valueOf = (flag: string): string => args[args.indexOf(flag) + 1]!;
const properties = await readFile(valueOf('--properties-file'), 'utf8');
const [, token = ''] = /^spark\.kubernetes\.authenticate\.submission\.oauthToken=(.*)$/m.exec(properties) ?? [];
const server = valueOf('--master')
  .replace(/^k8s:\/\//, '')
  .replaceAll('\\:', ':');

const begun = await fetch(`${harness}/begin`, { method: 'POST', body: properties });
for (const object of (await begun.json()) as object[]) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { status } = await fetch(server, { method: 'POST', headers, body: JSON.stringify(object) });
  if (status >= 300) process.exit(1);
}
await fetch(`${harness}/end`, { method: 'POST', body: properties });
