import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The version of a Spark, by its jars; undefined where they do not show it. */
export function sparkVersionOf(home: string): string | undefined {
  let jars: string[];
  try {
    jars = readdirSync(join(home, 'jars'));
  } catch {
    return undefined;
  }
  return jars.flatMap((jar) => /^spark-core_[\d.]+-(\d+\.\d+\.\d.*)\.jar$/.exec(jar)?.[1] ?? [])[0];
}
