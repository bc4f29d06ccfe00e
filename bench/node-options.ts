import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The options of Node that the image of the workers has. */
export function nodeOptionsOfImage(): string[] {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', 'Dockerfile'), 'utf8');
  return /^ENV NODE_OPTIONS=(.+)$/m.exec(dockerfile)![1]!.split(' ');
}
