import { formatProblems, ManifestError, parseManifests } from '../../../../src/manifest/index.ts';
import { findRefusals } from '../../../../src/spark/index.ts';

/**
 * The answer to a text, a line for each manifest, note and problem: `valid SparkApplication pi`,
 * `27:12  spec.executor.cores  must be a number, not "2"; write it without quotes: 2`.
 */
export function answerTo(text: string): string[] {
  const notes: string[] = [];
  const lines = (written: string): string[] => written.split('\n').map((line) => line.replace(/^(?:<text>:)?/, ''));
  try {
    const manifests = parseManifests(text, {
      fileName: '<text>',
      nameSuffix: 'x7k2f',
      refusals: (application) => findRefusals(application),
      onNote: (note) => notes.push(...lines(formatProblems([note])).map((line) => `note ${line}`)),
    });
    return [...manifests.map(({ kind, metadata }) => `valid ${kind} ${metadata.name}`), ...notes];
  } catch (error) {
    if (error instanceof ManifestError) return lines(error.message);
    throw error;
  }
}
