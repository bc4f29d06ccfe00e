import type { Command } from 'commander';
import { CliError, ExitCode } from '../exit-code.ts';
import { pruneFlag, type CommandContext, type PruneFlags } from '../flags.ts';

export function declareValidate(program: Command, { end }: CommandContext): void {
  program
    .command('validate')
    .description('Check manifests and print all problems')
    .argument('<path...>', 'YAML or JSON file, folder, or pattern such as "jobs/*.yaml"; - for standard input')
    .addOption(pruneFlag())
    .action(async (paths: string[], flags: PruneFlags) => end(await validate(paths, flags)));
}

/** Reports on every file, whatever is wrong with the others. */
async function validate(paths: readonly string[], flags: PruneFlags): Promise<ExitCode> {
  const { manifestFiles } = await import('../manifest-files.ts');
  const { readManifests } = await import('../read-manifests.ts');
  const { ManifestError } = await import('../../manifest/index.ts');
  const { isForeign, hasKind } = await import('../../manifest/identity.ts');
  const problems: string[] = [];
  for (const { path, isFound } of manifestFiles(paths)) {
    try {
      const skip = (document: unknown): boolean => isFound && (isForeign(document) || !hasKind(document));
      const manifests = await readManifests(path, { ...flags, anySubmitter: false, skip });
      for (const { kind, metadata } of manifests) {
        console.log(`${path}: ${kind} ${metadata.namespace ?? 'default'}/${metadata.name} is valid`);
      }
      if (manifests.length === 0) console.error(`Note: ${path}  contains no manifest and is skipped`);
    } catch (error) {
      if (!(error instanceof ManifestError || error instanceof CliError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length === 0) return ExitCode.Ok;
  console.error(problems.join('\n'));
  return ExitCode.BadInput;
}
