import { describe, expect, it } from 'vitest';
import { withValues } from '../../../src/cli/set-values.ts';
import { sparkPi } from '../../support/manifests.ts';

const changed = (...set: string[]) => withValues(sparkPi(), set).spec as unknown as Record<string, unknown>;

describe('--set', () => {
  it('changes fields by their paths, with values as YAML has them', () => {
    expect(changed('spec.driver.memory=2g', 'spec.executor.instances=4', 'spec.arguments[0]="7"')).toMatchObject({
      driver: { memory: '2g' },
      executor: { instances: 4 },
      arguments: ['7'],
    });
    expect(changed('spec.sparkConf["spark.sql.shuffle.partitions"]="400"')).toMatchObject({
      sparkConf: { 'spark.sql.shuffle.partitions': '400' },
    });
    expect(changed('spec.arguments=[a, b=c]')).toMatchObject({ arguments: ['a', 'b=c'] });
  });

  it('creates what leads to a field, and removes a field without a value', () => {
    expect(changed('spec.driver.labels.team=etl', 'spec.driver.env[0].name=A')).toMatchObject({
      driver: { labels: { team: 'etl' }, env: [{ name: 'A' }] },
    });
    expect(changed('spec.arguments=')).not.toHaveProperty('arguments');
    expect(changed('spec.arguments[0]=')).toMatchObject({ arguments: [] });
  });

  it('leaves the manifest as it is', () => {
    const manifest = sparkPi();
    withValues(manifest, ['spec.image=other']);
    expect(manifest).toEqual(sparkPi());
  });

  it.each([
    ['spec.image', 'is not of the form path=value'],
    ['spec..image=a', 'is not of the form path=value'],
    ['spec.image.tag=a', 'cannot be set: "tag" is not in a map'],
    ['spec.driver[0]=a', 'cannot be set: 0 is not in a list'],
    ['spec.arguments[999999999]=a', 'cannot be set: the next index of the list is 1'],
    ['spec.arguments[2]=', 'cannot be set: the next index of the list is 1'],
    ['spec.driver.env[1].name=A', 'cannot be set: the next index of the list is 0'],
    ['__proto__.polluted=1', 'cannot be set: "__proto__" is not a name of a field'],
    ['spec["__proto__"].polluted=1', 'cannot be set: "__proto__" is not a name of a field'],
    ['spec.image=[a', 'has a value that is not YAML'],
  ])('rejects %s', (set, why) => {
    expect(() => changed(set)).toThrow(`--set ${set} ${why}`);
  });
});
