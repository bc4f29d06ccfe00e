import { CancellationScope, log } from '@temporalio/workflow';
import { ApplicationState } from '../../protocol/index.ts';
import { Phase, states, type Wish } from './phase.ts';

export interface PositionOptions {
  /** What people want of the application now. */
  readonly wish: () => Wish;
  /** Draws the application anew: `passing` where the state is left again at once. */
  readonly show: (passing: boolean) => void;
}

/** The phase an application is in, and the state that people see. */
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

  /** Enters a phase of an attempt that goes on. Where a request interrupts the attempt, the request says where it goes. */
  advance(phase: Phase): void {
    if (!CancellationScope.current().consideredCancelled) this.enter(phase);
  }

  /** People want something else: the same phase may be another state. */
  refresh(): void {
    this.enter(this.phase);
  }

  private goTo(phase: Phase): void {
    const { state: from } = this;
    const to = states[phase][this.options.wish()] ?? from;
    if (to !== from) log.debug('The application changes its state', { from, to });
    this.at = { phase, state: to };
  }
}
