import { describe, expect, it } from 'vitest';
import { podsOf } from '../../../../src/submitters/driver-objects.ts';
import { podShape } from '../../../../src/submitters/dry-run/pod-shape.ts';
import { request } from './fixtures.ts';

const shapes = (changes?: Parameters<typeof request>[0]): string[] => {
  const asked = request(changes);
  return podsOf(asked).map(({ role, pod }) => podShape(role, pod, asked.identity));
};

const [driver, executor] = shapes();

describe('the shape of a pod', () => {
  it('is the same for another name, attempt and time of an application', () => {
    expect(shapes({ name: 'nightly-x7k2f', attempt: 3 })).toEqual([driver, executor]);
  });

  it('is the same for other arguments and variables of a driver', () => {
    expect(shapes({ args: ['2026-01-01'] })).toEqual([driver, executor]);
    const day = (value: string) => shapes({ conf: { 'spark.kubernetes.driverEnv.DAY': value } });
    expect(day('1')).toEqual(day('2'));
  });

  it('is the same for each resource that owns a driver', () => {
    const ownedBy = (name: string): string[] => {
      const { submission, identity } = request({ name });
      const owned = { submission, identity: { ...identity, owner: { name, uid: `uid of ${name}` } } };
      return podsOf(owned).map(({ role, pod }) => podShape(role, pod, owned.identity));
    };
    expect(ownedBy('nightly-1')).toEqual(ownedBy('nightly-2'));
    expect(ownedBy('nightly-1')[0]).not.toBe(driver);
  });

  it.each([
    ['memory', { 'spark.executor.memoryOverhead': '1g' }],
    ['a label', { 'spark.kubernetes.executor.label.team': 'a' }],
    ['an annotation', { 'spark.kubernetes.executor.annotation.team': 'a' }],
    ['a variable', { 'spark.executorEnv.DAY': '1' }],
    ['a node selector', { 'spark.kubernetes.executor.node.selector.pool': 'a' }],
  ])('differs by %s of the executors, and then only theirs', (_, conf) => {
    const [ofDriver, ofExecutor] = shapes({ conf });
    expect(ofDriver).toBe(driver);
    expect(ofExecutor).not.toBe(executor);
  });

  it('differs between roles, and by a volume of the driver', () => {
    expect(driver).not.toBe(executor);
    const volume = { 'spark.kubernetes.driver.secrets.token': '/run/token' };
    const [ofDriver, ofExecutor] = shapes({ conf: volume });
    expect(ofDriver).not.toBe(driver);
    expect(ofExecutor).toBe(executor);
  });
});
