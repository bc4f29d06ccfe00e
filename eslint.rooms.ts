/** What one room of src/ may import, by the names of the other rooms. */
export interface Arrows {
  readonly values: readonly Room[];
  /** With `import type` only. */
  readonly types: readonly Room[];
}

export type Room =
  | 'cli'
  | 'assembly'
  | 'worker'
  | 'operator'
  | 'client'
  | 'workflows'
  | 'activities'
  | 'submitter-server'
  | 'testing'
  | 'submitters'
  | 'clusters'
  | 'placement'
  | 'mirror'
  | 'logs'
  | 'tenancy'
  | 'defaults'
  | 'spark'
  | 'pod-rules'
  | 'failure-cause'
  | 'protocol'
  | 'kubernetes'
  | 'timings'
  | 'manifest'
  | 'validation';

/** The rooms of src/ and the arrows between them, as docs/architecture.md has them; a room may always import itself. */
export const rooms: Readonly<Record<Room, Arrows>> = {
  cli: {
    values: [
      ...(['worker', 'client', 'activities', 'submitter-server', 'submitters', 'clusters', 'placement'] as const),
      ...(['tenancy', 'defaults', 'logs', 'spark', 'protocol', 'kubernetes', 'manifest', 'validation'] as const),
    ],
    types: [],
  },
  assembly: {
    values: [
      ...(['worker', 'client', 'submitters', 'clusters', 'placement', 'tenancy', 'defaults', 'logs'] as const),
      ...(['protocol', 'kubernetes', 'timings', 'manifest'] as const),
    ],
    types: ['spark'],
  },
  worker: {
    values: [
      ...(['operator', 'activities', 'submitters', 'clusters', 'placement', 'tenancy', 'defaults', 'logs'] as const),
      ...(['protocol', 'kubernetes', 'timings', 'validation'] as const),
    ],
    types: ['spark'],
  },
  operator: { values: ['client', 'mirror', 'spark', 'protocol', 'kubernetes', 'manifest', 'validation'], types: [] },
  client: { values: ['logs', 'protocol', 'manifest', 'validation'], types: ['kubernetes'] },
  workflows: { values: ['spark', 'protocol', 'timings', 'manifest', 'validation'], types: [] },
  activities: {
    values: [
      ...(['submitters', 'clusters', 'placement', 'tenancy', 'defaults', 'logs', 'mirror', 'spark'] as const),
      ...(['failure-cause', 'protocol', 'kubernetes', 'timings', 'manifest', 'validation'] as const),
    ],
    types: [],
  },
  'submitter-server': { values: ['submitters', 'spark', 'kubernetes'], types: [] },
  testing: { values: ['submitters', 'spark', 'protocol', 'kubernetes', 'manifest'], types: [] },
  submitters: { values: ['placement', 'spark', 'protocol', 'kubernetes', 'manifest', 'validation'], types: [] },
  clusters: { values: ['spark', 'protocol', 'kubernetes', 'manifest', 'validation'], types: [] },
  placement: { values: ['protocol', 'manifest', 'validation'], types: ['spark', 'kubernetes'] },
  mirror: { values: ['protocol', 'kubernetes', 'validation'], types: [] },
  logs: { values: ['spark', 'protocol', 'kubernetes', 'manifest', 'validation'], types: [] },
  tenancy: { values: ['protocol', 'validation'], types: [] },
  defaults: { values: ['spark', 'protocol', 'manifest', 'validation'], types: [] },
  spark: { values: ['pod-rules', 'protocol', 'manifest', 'validation'], types: ['kubernetes'] },
  'pod-rules': { values: ['validation'], types: ['kubernetes'] },
  'failure-cause': { values: ['protocol', 'validation'], types: [] },
  protocol: { values: [], types: ['timings', 'manifest'] },
  kubernetes: { values: ['validation'], types: [] },
  timings: { values: [], types: [] },
  manifest: { values: ['validation'], types: ['kubernetes'] },
  validation: { values: [], types: [] },
};
