import { expect, test } from 'vitest';
import * as activities from '../../../src/activities/index.ts';
import { explainError } from '../../../src/cli/output/explain-error.ts';
import { ExitCode } from '../../../src/cli/exit-code.ts';
import * as main from '../../../src/index.ts';
import * as submitters from '../../../src/submitters/index.ts';
import * as worker from '../../../src/worker.ts';

const errors = Object.entries({ ...main, ...worker, ...activities, ...submitters }).flatMap(([name, value]) =>
  typeof value === 'function' && value.prototype instanceof Error ? [name] : [],
);

test.each(errors.filter((name) => /Configuration|Manifest|Parameter|Refused/.test(name)))(
  'exits with the code of bad input for %s',
  (name) => {
    const error = Object.assign(new Error('what is wrong'), { name });
    expect(explainError(error)).toEqual({ exitCode: ExitCode.BadInput, message: 'what is wrong' });
  },
);

test('knows errors of bad input', () => {
  expect(errors).toEqual(expect.arrayContaining(['ClustersConfigurationError', 'ManifestError', 'PlacementRefused']));
});
