import { between, Fault, of } from './fault.ts';
import type { Row, Scenario } from './scenarios.ts';
import { Servers } from './setting.ts';
import { Shape } from './shapes.ts';

const { Plain, Restarted, Cancelled, Updated, Suspended, Removed, RemovedEarly, Replaced, Scheduled } = Shape;

/** What a user does to the resource is done at the moment of the blow. */
const CHANGED = [Updated, Suspended, Removed, Replaced];
/** From the record of the submission on, until the status shows that the driver runs. */
const WHILE_IT_RUNS =
  /^(RespondWorkflowTaskCompleted|patch sparkapplications\/status|RespondActivityTaskCompleted wait)/;
const STATUS = /^(patch sparkapplications|RespondActivityTaskCompleted finalize)/;
const FIRST_STATUSES = /^(RespondWorkflowTaskCompleted #2|patch sparkapplications\/status)/;
/** What an operator asks of Temporal. */
const ASKED = /^(Start|Update|Describe)Workflow/;
/** What comes of a change. */
const AFTERWARDS =
  /^((Start|Update|Describe)Workflow|create|delete|patch pods|patch sparkapplications\/status #[3-9]|RespondActivityTaskCompleted (check|stop|finalize))/;

const CHANGES: readonly Row[] = [
  { shapes: CHANGED, blows: of(Fault.ChangeWhileAway), steps: WHILE_IT_RUNS },
  { shapes: [RemovedEarly], blows: of(Fault.ChangeWhileAway) },
];

/** Applications as resources; whatever is broken, their status must be that of history in the end, and never more. */
export const RESOURCE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'resources that the worker serves',
    setting: { resources: Servers.Worker },
    rows: [
      { shapes: [Plain, Restarted, Cancelled, RemovedEarly, Scheduled], blows: of(Fault.KillWorker) },
      { shapes: CHANGED, blows: of(Fault.KillWorker), steps: AFTERWARDS },
      { shapes: [Plain, Scheduled], blows: of(Fault.KillTemporal, Fault.KillApiServer) },
      { shapes: CHANGED, blows: of(Fault.KillTemporal, Fault.KillApiServer), steps: ASKED },
      { shapes: [Plain, Updated], blows: of(Fault.KillEtcd, Fault.PauseEtcd, Fault.UpgradeWorker), steps: STATUS },
      { shapes: [Plain, Updated], blows: of(Fault.LateRequest), steps: STATUS },
      {
        shapes: [Plain, Restarted, Updated],
        blows: between(Fault.Reset, Fault.HalfClose, Fault.Delay, Fault.Drop),
        steps: STATUS,
      },
      { shapes: [Plain, Updated], blows: between(Fault.Partition), steps: STATUS },
      { shapes: CHANGED, blows: between(Fault.Reset), steps: ASKED },
      ...CHANGES,
      { shapes: CHANGED, blows: of(Fault.ChangeMeanwhile, Fault.ExpireWatches), steps: FIRST_STATUSES },
      { shapes: [RemovedEarly], blows: of(Fault.None, Fault.ChangeMeanwhile, Fault.ExpireWatches) },
    ],
  },
  {
    name: 'resources that an operator serves',
    setting: { resources: Servers.Operator },
    rows: [
      {
        shapes: [Plain, Updated, Suspended, Removed, Replaced, Scheduled],
        blows: of(Fault.KillOperator, Fault.KillTemporal),
        steps: ASKED,
      },
      { shapes: [Plain, Removed, Scheduled], blows: of(Fault.KillWorker), steps: STATUS },
      ...CHANGES,
    ],
  },
  {
    name: 'resources that two replicas serve',
    setting: { resources: Servers.Both },
    rows: [
      {
        shapes: [Plain, Updated, Suspended, Removed, Replaced, Scheduled],
        blows: of(Fault.None, Fault.KillWorker, Fault.KillOperator),
        steps: ASKED,
      },
      { shapes: [RemovedEarly], blows: of(Fault.KillOperator) },
    ],
  },
];
