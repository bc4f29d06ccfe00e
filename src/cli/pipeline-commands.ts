import { Option, type Command } from 'commander';
import type { GraphOptions } from './commands/graph.ts';
import type { RerunOptions } from './commands/pipeline.ts';
import type { ExitCode } from './exit-code.ts';
import type { TemporalOptions } from './temporal.ts';

/** What every command of the program has in common. */
export interface CommandHelpers {
  /** Adds the options that say where Temporal is. */
  readonly temporal: (command: Command) => Command;
  readonly end: (code: ExitCode) => void;
}

/** Collects the values of an option that may be repeated. */
export const repeated = (value: string, values: readonly string[] = []): string[] => [...values, value];

/** `temporal-spark pipeline …`: what to do with a pipeline that runs or has ended. */
export function addPipelineCommands(program: Command, { temporal, end }: CommandHelpers): void {
  const pipeline = program.command('pipeline').description('look after a run of a pipeline (start one with run)');
  const commands = async () => import('./commands/pipeline.ts');
  const on = (name: string, description: string) =>
    temporal(pipeline.command(name))
      .description(description)
      .argument('<pipeline>', 'workflow id: pipeline/<name>/<run>');

  on('pause', 'start no more stages; what runs goes on')
    .option('--note <text>', 'why')
    .action(async (id: string, { note, ...options }: TemporalOptions & { note?: string }) =>
      end(await (await commands()).askPipeline(id, options, (run) => run.pause(note), 'is paused')),
    );
  on('resume', 'go on after a pause').action(async (id: string, options: TemporalOptions) =>
    end(await (await commands()).askPipeline(id, options, (run) => run.resume(), 'goes on')),
  );
  on('cancel', 'end what runs gracefully, then run the clean-up stages').action(
    async (id: string, options: TemporalOptions) =>
      end(await (await commands()).askPipeline(id, options, (run) => run.cancel(), 'is being cancelled')),
  );
  on('cancel-stage', 'end one stage gracefully; the failure policy decides about the others')
    .argument('<stage>', 'name of the stage')
    .action(async (id: string, stage: string, options: TemporalOptions) =>
      end(
        await (
          await commands()
        ).askPipeline(id, options, (run) => run.cancelStage(stage), `: ${stage} is being cancelled`),
      ),
    );
  on('rerun', 'run it again with the same parameters; stages and items that succeeded are kept with their outputs')
    .option('--from <stage>', 'run this stage again, and all that depends on it; may be repeated', repeated)
    .option('--run <name>', 'what the new run is called (default: the time)')
    .option('-f, --follow', 'show stages as they change, and end as the pipeline ends', false)
    .action(async (id: string, options: RerunOptions) => end(await (await commands()).rerun(id, options)));

  temporal(program.command('graph'))
    .description('draw a pipeline; one that runs or has ended is coloured by the states of its stages')
    .argument('<pipeline>', 'file, - for standard input, or workflow id: pipeline/<name>/<run>')
    .addOption(new Option('-o, --output <format>', 'how to draw').choices(['svg', 'mermaid', 'dot']).default('svg'))
    .action(async (pipeline: string, options: GraphOptions) =>
      end(await (await import('./commands/graph.ts')).graph(pipeline, options)),
    );
}
