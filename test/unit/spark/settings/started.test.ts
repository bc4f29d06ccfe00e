import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildDriverObjects, SubmissionRefused, supportedSparkVersions } from '../../../../src/spark/index.ts';
import { answersFile, askedToStart, started, type Answers } from '../../../support/spark-settings.ts';
import { identity, withConf } from '../fixtures.ts';

const recorded = JSON.parse(readFileSync(answersFile, 'utf8')) as Answers;

/** Nothing, or the words with which it is refused. */
function refusal(conf: Readonly<Record<string, string>>, version: string): string | undefined {
  try {
    buildDriverObjects({ ...withConf(conf), sparkVersion: `${version}.0` }, identity);
    return undefined;
  } catch (error) {
    if (error instanceof SubmissionRefused) return error.problem;
    throw error;
  }
}

/** The words of Spark in ours, if there are some. */
const quoted = (problem: string): string => /"([^"]{20,})"/.exec(problem)?.[1] ?? '';

describe.each(supportedSparkVersions)('with Spark %s,', (version) => {
  it.each(started)('a driver is refused if Spark itself ends it: %j', (conf) => {
    const answer = recorded[version]![askedToStart(conf)]!;
    const ours = refusal(conf, version);
    expect({ conf, answer, isRefused: ours !== undefined }).toEqual({ conf, answer, isRefused: answer !== 'ok' });
    expect(answer).toContain(quoted(ours ?? ''));
  });
});
