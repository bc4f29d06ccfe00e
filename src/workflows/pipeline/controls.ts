import { Stop } from './stop.ts';

export interface Pause {
  readonly note?: string;
}

/** What users, a failure or the clock request of a run: that it pauses, or stops. */
export class Controls {
  pausedWith: Pause | undefined;
  /** The pipeline that this one is a stage of is paused. */
  parentPausedWith: Pause | undefined;
  /** The pipelines that are stages of this one have been signalled that it is paused. */
  isPausePropagated: boolean;
  /** This run continues as new: what waits is left to the next. */
  isContinuing = false;
  private stop: Stop | undefined;

  /** @param carried of the run that this one continues */
  constructor(
    carried: {
      readonly pause?: Pause;
      readonly parentPause?: Pause;
      readonly toldPaused?: boolean;
      readonly stop?: Stop;
    } = {},
  ) {
    this.pausedWith = carried.pause;
    this.parentPausedWith = carried.parentPause;
    this.isPausePropagated = carried.toldPaused ?? false;
    this.stop = carried.stop;
  }

  /** Why no more stages start. */
  get stopped(): Stop | undefined {
    return this.stop;
  }

  /** A pause that is in force: a run that stops is not paused, and ends. */
  get pause(): Pause | undefined {
    return this.stop === undefined ? (this.pausedWith ?? this.parentPausedWith) : undefined;
  }

  /** Nothing starts. */
  isPaused(): boolean {
    return this.isContinuing || this.pause !== undefined;
  }

  /** @returns false where the run stops already for a reason of the same or a higher precedence */
  stopFor(how: Stop): boolean {
    const isFailure = (stop: Stop): boolean => stop === Stop.FailFast || stop === Stop.FinishRunning;
    // A cancel overrides a failure; of two alike the first counts.
    if (this.stop !== undefined && (!isFailure(this.stop) || isFailure(how))) return false;
    this.stop = how;
    return true;
  }

  /** A copy, to try decisions on. */
  draft(): Controls {
    const draft = new Controls();
    Object.assign(draft, this);
    return draft;
  }
}
