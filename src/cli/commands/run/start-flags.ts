import { Option, type Command } from 'commander';
import {
  addTemporalFlags,
  taskQueueFlag,
  uiUrlFlag,
  type OutputFlags,
  type PruneFlags,
  type TemporalFlags,
} from '../../flags.ts';

/** What to do while the same application or pipeline run is running. */
export const Conflict = { Fail: 'fail', Attach: 'attach' } as const;
export type Conflict = (typeof Conflict)[keyof typeof Conflict];

export interface StartFlags extends TemporalFlags, OutputFlags {
  readonly follow: boolean;
  readonly conflict: Conflict;
  /** Base address of the Temporal UI, for links. */
  readonly uiUrl?: string;
}

export interface RunFlags extends StartFlags, PruneFlags {
  /** `name=value`, of a pipeline. */
  readonly parameter?: readonly string[];
  /** Name of the pipeline run. */
  readonly run?: string;
  /** Create the objects of other kinds first. */
  readonly withOthers?: boolean;
  /** Of the kubeconfig: where they are created. */
  readonly kubeContext?: string;
}

/** Adds `StartFlags`, without `follow` and `output`. */
export function addStartFlags(command: Command): Command {
  return addTemporalFlags(command)
    .addOption(
      new Option('--conflict <action>', 'If it is already running: fail, or attach to it')
        .choices(Object.values(Conflict))
        .default(Conflict.Fail),
    )
    .addOption(taskQueueFlag())
    .addOption(uiUrlFlag());
}
