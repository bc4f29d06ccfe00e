import { asRecord, type UnknownRecord } from '../validation/unknown-data.ts';

/** Valid values for what an application, or its schedule, lacks, so that its other problems can be found. */
export function withStandIns(written: UnknownRecord): UnknownRecord {
  const { kind, metadata, spec } = written;
  if (kind !== 'SparkApplication' && kind !== 'ScheduledSparkApplication') return written;
  const complete = (application: unknown): UnknownRecord => {
    const { driver, executor, ...rest } = asRecord(application);
    return { ...SPEC_STAND_INS, ...rest, driver: asRecord(driver), executor: asRecord(executor) };
  };
  return {
    ...written,
    metadata: { name: 'unnamed', ...asRecord(metadata) },
    spec:
      kind === 'SparkApplication'
        ? complete(spec)
        : { schedule: '@daily', ...asRecord(spec), template: complete(asRecord(spec)['template']) },
  };
}

/** The version supports every feature: nothing is refused because of an absent version. */
const SPEC_STAND_INS = { type: 'Scala', sparkVersion: '4.1.0' };
