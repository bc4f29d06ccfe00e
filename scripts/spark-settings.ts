/**
 * Writes src/spark/settings/known-settings.ts and the recorded answers of its tests, by every version of Spark that is
 * recorded: `node scripts/spark-settings.ts`. Needs Java 17, pip and a Python package index; some minutes a version.
 */
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { sparkHome } from '../lab/spark-home.ts';
import { recordedVersions } from '../test/component/golden/scenarios.ts';
import { answersFile, questions } from '../test/support/spark-settings.ts';
import { askSettings } from './spark-settings/ask-settings.ts';

const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');
const minors = recordedVersions.map(minorOf);

export const knownSettingsFile = new URL('../src/spark/settings/known-settings.ts', import.meta.url);

/** The settings that end a driver, by description: the places of the versions that have them so. */
type Found = Map<string, Map<string, number[]>>;

/** @param lines of one version, as `Settings.java` lists them */
export function addSettings(found: Found, lines: readonly string[], version: number): void {
  for (const line of lines) {
    const [key, kind, unit, least, most, start] = line.split('\t') as [string, string, string, string, string, string];
    if (start !== 'start') continue;
    const description = [kind, unit, least, most].join(' ').trimEnd();
    const keys = found.get(description) ?? new Map<string, number[]>();
    keys.set(key, [...(keys.get(key) ?? []), version]);
    found.set(description, keys);
  }
}

/** `@3.5-4.1` where not every version has it, with the first or the last left out where that is not a limit. */
function rangeOf(versions: readonly number[]): string {
  const [first = 0, last = 0] = [versions[0], versions.at(-1)];
  if (last - first !== versions.length - 1) throw new Error(`no range: ${versions.join()}`);
  const since = first === 0 ? '' : minors[first]!;
  const until = last === minors.length - 1 ? '' : minors[last]!;
  return since === '' && until === '' ? '' : `@${since}-${until}`;
}

/** The content of known-settings.ts. */
export async function knownSettingsText(found: Found): Promise<string> {
  const lines = [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([description, keys]) => {
      const texts = [...keys].map(([key, versions]) => key + rangeOf(versions)).toSorted();
      return `  '${description}': '${texts.join(' ')}',\n`;
    });
  const text = `// Written by scripts/spark-settings.ts.

/**
 * The settings that Spark reads whenever a driver starts or runs its first job, and cannot start with if it cannot read
 * them. By kind, unit of a number alone, smallest and largest value, apart by blanks: the keys, with \`@FIRST-LAST\` where
 * not every version of Spark has them so.
 */
export const knownSettings: Readonly<Record<string, string>> = {
${lines.join('')}};
`;
  return format(text, { parser: 'typescript', printWidth: 120, singleQuote: true });
}

if (import.meta.main) {
  const found: Found = new Map();
  const recorded: Record<string, Record<string, string>> = {};
  for (const [index, version] of recordedVersions.entries()) {
    const answers = await askSettings(await sparkHome(version), [...questions, 'list']);
    addSettings(found, answers.slice(questions.length, -1), index);
    recorded[minorOf(version)] = Object.fromEntries(questions.map((question, at) => [question, answers[at]!]));
  }
  await writeFile(knownSettingsFile, await knownSettingsText(found));
  await writeFile(answersFile, `${JSON.stringify(recorded, null, 2)}\n`);
}
