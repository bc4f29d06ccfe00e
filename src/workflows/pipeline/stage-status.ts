import { StageState, type StageStatus } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { isSettled, type StageRecord } from './stage-record.ts';
import { isUnitSettled, UnitState, type UnitRecord } from './unit-record.ts';

/** A stage as the `status` query shows it. */
export function stageStatus(name: string, record: StageRecord): StageStatus {
  const { state, units, items, ended, startedAt, finishedAt, reason, message, outputs, kept, done } = record;
  const count = (...states: UnitState[]): number => units.filter((unit) => states.includes(unit.state)).length;
  const attempts = units.reduce((sum, unit) => sum + unit.attempts, ended?.attempts ?? 0);
  const total = items?.length ?? ended?.total;
  const succeeded = count(UnitState.Succeeded) + (ended?.succeeded ?? 0);
  return {
    name,
    state,
    ...present({
      reason,
      message,
      outputs,
      done: isSettled(record) ? done : undefined,
      kept,
      startedAt,
      finishedAt,
      attempts: attempts === 0 ? undefined : attempts,
      waitingFor: state === StageState.Running ? waitingFor(units) : undefined,
      items:
        total === undefined
          ? undefined
          : {
              total,
              running: count(UnitState.Running, UnitState.Retrying, UnitState.Acquiring),
              succeeded,
              failed: count(UnitState.Failed, UnitState.Cancelled) + (ended === undefined ? 0 : total - succeeded),
            },
    }),
  };
}

function waitingFor(units: readonly UnitRecord[]): string | undefined {
  if (units.some(({ state }) => state === UnitState.Running)) return undefined;
  const state = units.find((unit) => !isUnitSettled(unit))?.state;
  if (state === UnitState.Acquiring) return 'its semaphore';
  if (state === UnitState.Retrying) return 'its next try';
  return state === UnitState.Waiting ? 'a place' : undefined;
}
