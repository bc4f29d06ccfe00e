import type { TemporalOptions } from '../../temporal.ts';

/** What to do while the same application runs already. */
export const Conflict = { Fail: 'fail', Attach: 'attach' } as const;
export type Conflict = (typeof Conflict)[keyof typeof Conflict];

export interface StartOptions extends TemporalOptions {
  readonly follow: boolean;
  readonly conflict: Conflict;
  readonly output: 'text' | 'json';
  /** Base address of Temporal's UI, for links. */
  readonly uiUrl?: string;
}

export interface RunOptions extends StartOptions {
  readonly prune?: boolean;
  /** `name=value`, of a pipeline. */
  readonly parameter?: readonly string[];
  /** What the run of a pipeline is called. */
  readonly run?: string;
}
