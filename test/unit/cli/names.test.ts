import { describe, expect, it } from 'vitest';
import { candidateIds, shortName } from '../../../src/cli/find-execution.ts';

describe('the workflow that a name stands for', () => {
  it.each([
    ['pi', undefined, 'spark/default/pi'],
    ['pi', 'etl', 'spark/etl/pi'],
    ['etl/pi', undefined, 'spark/etl/pi'],
    ['weekly/monday', 'etl', 'pipeline/etl/weekly/monday'],
    ['weekly/monday/load', undefined, 'pipeline/default/weekly/monday/load'],
    ['spark/etl/pi', 'other', 'spark/etl/pi'],
    ['pipeline/etl/weekly/monday/load', undefined, 'pipeline/etl/weekly/monday/load'],
    ['spark/pi', undefined, 'spark/spark/pi'],
  ])('of %s in namespace %s is first of all %s', (given, namespace, id) => {
    expect(candidateIds(given, namespace)[0]).toBe(id);
  });

  it('is also a run of a pipeline, with its namespace or without, and a workflow id of any other form', () => {
    expect(candidateIds('weekly/monday')).toContain('pipeline/default/weekly/monday');
    expect(candidateIds('etl/weekly/monday')).toContain('pipeline/etl/weekly/monday');
    for (const id of ['own-id', 'own/id', 'own/longer/id']) expect(candidateIds(id)).toContain(id);
  });

  it.each(['spark/default/pi', 'spark/etl/pi', 'pipeline/default/weekly/monday', 'pipeline/etl/weekly/monday/load'])(
    'is found again by the short name of %s',
    (id) => {
      expect(candidateIds(shortName(id))).toContain(id);
    },
  );
});
