import { explaining, withDefaults } from '../../../defaults/index.ts';
import type { SparkApplication } from '../../../manifest/index.ts';
import type { TeamDefault } from '../../../protocol/index.ts';
import { present } from '../../../validation/present.ts';
import { ExitCode } from '../../exit-code.ts';
import type { DefaultsFlags, PruneFlags } from '../../flags.ts';
import { printObjects, renderedObjects } from '../../output/rendered-objects.ts';
import { inEachFile, readRuns } from '../../read-manifests.ts';
import { readDefaultsFile } from '../../read-defaults.ts';
import { explanation } from './explain.ts';

export interface RenderFlags extends PruneFlags, DefaultsFlags {
  /** Print the source of each value instead of the objects. */
  readonly explain?: boolean;
  readonly output: 'yaml' | 'json';
}

export async function render(files: readonly string[], flags: RenderFlags): Promise<ExitCode> {
  const defaults = flags.defaults === undefined ? undefined : readDefaultsFile(flags.defaults);
  const runs = await inEachFile(files, (file) => readRuns(file, { ...present({ prune: flags.prune }), defaults }));
  const rendered = <T>(
    application: SparkApplication,
    show: (whole: SparkApplication, decided: readonly TeamDefault[]) => T,
  ): T => {
    const decided = defaults?.decide(application) ?? [];
    return explaining(application, decided, () =>
      show(decided.length === 0 ? application : withDefaults(application, decided), decided),
    );
  };
  if (flags.explain !== true) {
    const objects = runs.flatMap(({ applications, objects: others = [] }) => [
      ...others,
      ...applications.flatMap((application) => rendered(application, renderedObjects)),
    ]);
    if (flags.output === 'yaml') printObjects(objects);
    else console.log(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return ExitCode.Ok;
  }
  const texts = runs
    .flatMap(({ applications }) => applications)
    .map((application) =>
      rendered(application, (whole, decided) =>
        explanation({ own: application, whole, decided, numberOf: (rule) => defaults?.numberOf(rule) ?? 0 }),
      ),
    );
  console.log(texts.join('\n\n'));
  return ExitCode.Ok;
}
