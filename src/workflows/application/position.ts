import { CancellationScope, log } from '@temporalio/workflow';
import { ApplicationState } from '../../protocol/index.ts';
import { Phase, states, type Wish } from './phase.ts';

export interface PositionOptions {
  /** The requested state of the application. */
  readonly wish: () => Wish;
  /** Updates what Temporal's UI shows: `passing` where the state changes again at once. */
  readonly show: (passing: boolean) => void;
}

/** The phase of an application, and its visible state. */
export class Position {
  private at: { readonly phase: Phase; readonly state: ApplicationState } = {
    phase: Phase.Submitting,
    state: ApplicationState.New,
  };
  private readonly options: PositionOptions;

  constructor(options: PositionOptions) {
    this.options = options;
  }

  get phase(): Phase {
    return this.at.phase;
  }

  get state(): ApplicationState {
    return this.at.state;
  }

  enter(phase: Phase): void {
    this.goTo(phase);
    this.options.show(false);
  }

  /** Enters a phase that passes at once: not worth an event and a write to Temporal's visibility. */
  pass(phase: Phase): void {
    this.goTo(phase);
    this.options.show(true);
  }

  /**
   * Enters a phase of an attempt that continues. Where a request interrupts the attempt, the request decides its phase.
   */
  advance(phase: Phase): void {
    if (!CancellationScope.current().consideredCancelled) this.enter(phase);
  }

  /** The requested state changed: the same phase may be another visible state. */
  refresh(): void {
    this.enter(this.phase);
  }

  private goTo(phase: Phase): void {
    const { state: from } = this;
    const to = states[phase][this.options.wish()] ?? from;
    if (to !== from) log.debug('The state of the application changed', { from, to });
    this.at = { phase, state: to };
  }
}
