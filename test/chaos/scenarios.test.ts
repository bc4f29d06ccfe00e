import { expect, it } from 'vitest';
import { Fault } from './fault.ts';
import { FAULT_POINTS, faultPointName, plansOf, SCENARIOS } from './scenarios.ts';
import { Servers } from './setting.ts';
import { Shape } from './shapes.ts';

it('has at least 1,500 fault points, each once', () => {
  const names = FAULT_POINTS.map(faultPointName);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(1_500);
});

it('has fault points of every scenario, fault and kind of run', () => {
  for (const scenario of SCENARIOS) {
    expect(FAULT_POINTS.filter((each) => each.scenario === scenario).length, scenario.name).toBeGreaterThan(0);
  }
  expect(new Set(FAULT_POINTS.map(({ blow }) => blow.fault))).toEqual(new Set(Object.values(Fault)));
  expect(new Set(FAULT_POINTS.map(({ point }) => point.shape))).toEqual(new Set(Object.values(Shape)));
});

it('has at least 60 fault points of resources, by each of those who serve them', () => {
  for (const servers of Object.values(Servers)) {
    const served = FAULT_POINTS.filter(({ scenario }) => scenario.setting.resources === servers);
    expect(served.length, servers).toBeGreaterThanOrEqual(60);
  }
});

it('puts each fault point into one lane', () => {
  const names = plansOf(FAULT_POINTS).flatMap(({ scenario, blow, points }) =>
    points.map((point) => faultPointName({ scenario, blow, point })),
  );
  expect(names.toSorted()).toEqual(FAULT_POINTS.map(faultPointName).toSorted());
});
