import { CliError, ExitCode } from './exit-code.ts';
import type { Command } from 'commander';

/** What the words of kubectl, Temporal, Argo and others are called here. */
const words: Readonly<Record<string, string>> = {
  apply: 'temporal-spark run FILE; for schedules: temporal-spark schedule create FILE',
  create: 'temporal-spark run FILE; for schedules: temporal-spark schedule create FILE',
  submit: 'temporal-spark run FILE',
  start: 'temporal-spark run FILE',
  delete: 'temporal-spark kill APPLICATION; for schedules: temporal-spark schedule delete SCHEDULE',
  rm: 'temporal-spark kill APPLICATION',
  stop: 'temporal-spark kill APPLICATION; for pipelines: temporal-spark pipeline cancel RUN',
  cancel: 'temporal-spark kill APPLICATION; for pipelines: temporal-spark pipeline cancel RUN',
  terminate: 'temporal-spark kill APPLICATION; for pipelines: temporal-spark pipeline cancel RUN',
  pause: 'temporal-spark suspend APPLICATION; for pipelines: temporal-spark pipeline pause RUN',
  get: 'temporal-spark list, or temporal-spark describe APPLICATION',
  ls: 'temporal-spark list',
  ps: 'temporal-spark list',
  status: 'temporal-spark describe APPLICATION',
  show: 'temporal-spark describe APPLICATION',
  watch: 'temporal-spark describe APPLICATION --watch',
  'port-forward': 'temporal-spark ui APPLICATION',
  rerun: 'temporal-spark retry APPLICATION; for pipelines: temporal-spark pipeline rerun RUN',
  resubmit: 'temporal-spark retry APPLICATION',
  init: 'temporal-spark setup',
  cleanup: 'temporal-spark release',
};

const pipelineWords: Readonly<Record<string, string>> = {
  list: 'temporal-spark list pipelines',
  get: 'temporal-spark list pipelines',
  describe: 'temporal-spark describe RUN',
  status: 'temporal-spark describe RUN',
  run: 'temporal-spark run FILE',
  start: 'temporal-spark run FILE',
  stop: 'temporal-spark pipeline cancel RUN',
  kill: 'temporal-spark pipeline cancel RUN',
  retry: 'temporal-spark pipeline rerun RUN',
};

/** Hidden commands that answer with ours, so that none is taken for a misspelled other one. */
export function declareForeignWords(program: Command): void {
  const pipeline = program.commands.find((command) => command.name() === 'pipeline');
  for (const [parent, known] of [[program, words] as const, [pipeline, pipelineWords] as const]) {
    const own = new Set(parent?.commands.flatMap((command) => [command.name(), ...command.aliases()]));
    for (const [word, ours] of Object.entries(known)) {
      if (own.has(word)) continue;
      parent
        ?.command(word, { hidden: true })
        .helpOption(false)
        .argument('[anything...]')
        .allowUnknownOption()
        .action(() => {
          const full = parent === program ? word : `pipeline ${word}`;
          throw new CliError(ExitCode.BadInput, `temporal-spark has no command "${full}"; use:  ${ours}`);
        });
    }
  }
}
