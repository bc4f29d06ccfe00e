/** What happens around workflow and submission: nodes, users, housekeeping (`src/activities/housekeeping`), and time. */
import { FOREVER, type Rules, type Surroundings } from './rules.ts';
import { due, may, released, withPod, type Event, type State } from './state.ts';

export function* surroundingEvents(state: State, rules: Rules, { deletions }: Surroundings): Iterable<Event> {
  for (const [cluster, pod] of state.pods.entries()) {
    if (pod === undefined) continue;
    const whose = `the driver of attempt ${pod.of + 1}`;
    if (pod.runs) yield [`${whose} ends`, withPod(state, cluster, { ...pod, runs: false }), pod.deleted];
    if (deletions && !pod.deleted)
      yield may(`a user deletes ${whose}`, withPod(state, cluster, { ...pod, deleted: true }));
    if (!pod.held || (state.workflow !== 'ended' && rules.asksForOwner)) continue;
    if (!pod.runs && rules.releasesOrphans) yield due(`housekeeping releases ${whose}`, released(state, cluster));
    if (pod.runs && !pod.deleted && rules.stopsOrphans)
      yield due(`housekeeping deletes ${whose}`, withPod(state, cluster, { ...pod, deleted: true }));
  }
}

const less = (ticks: number): number => (ticks === FOREVER ? ticks : Math.max(0, ticks - 1));

export function ticked(state: State): State {
  const { request, reported, unsettled } = state;
  return {
    ...{ ...state, request: less(request), reported: less(reported), unsettled: less(unsettled) },
    attempts: state.attempts.map((each) => ({ ...each, late: less(each.late), lateJob: less(each.lateJob) })),
  };
}
