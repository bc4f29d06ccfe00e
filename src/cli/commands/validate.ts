import { formatProblems, ManifestError, type ManifestProblem } from '../../manifest/index.ts';
import { ExitCode } from '../exit-code.ts';
import { readManifests } from '../read-manifests.ts';

/** Checks every document of every file and prints all problems at once; asks no server. */
export async function validate(files: readonly string[], options: { readonly prune?: boolean }): Promise<ExitCode> {
  const problems: ManifestProblem[] = [];
  for (const file of files) {
    try {
      for (const { kind, metadata } of await readManifests(file, { ...options, anySubmitter: false })) {
        console.log(`${file}: ${kind} ${metadata.namespace ?? 'default'}/${metadata.name} is valid`);
      }
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length === 0) return ExitCode.Ok;
  console.error(formatProblems(problems));
  return ExitCode.BadInput;
}
