import type { Command } from 'commander';
import type { ManifestProblem } from '../../manifest/index.ts';
import { ExitCode } from '../exit-code.ts';
import { MANIFEST_FILE, pruneFlag, type CommandContext, type PruneFlags } from '../flags.ts';

export function declareValidate(program: Command, { end }: CommandContext): void {
  program
    .command('validate')
    .description('Check manifests and print all problems')
    .argument('<file...>', MANIFEST_FILE)
    .addOption(pruneFlag())
    .action(async (files: string[], flags: PruneFlags) => end(await validate(files, flags)));
}

async function validate(files: readonly string[], flags: PruneFlags): Promise<ExitCode> {
  const { readManifests } = await import('../read-manifests.ts');
  const { formatProblems, ManifestError } = await import('../../manifest/index.ts');
  const problems: ManifestProblem[] = [];
  for (const file of files) {
    try {
      for (const { kind, metadata } of await readManifests(file, { ...flags, anySubmitter: false })) {
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
