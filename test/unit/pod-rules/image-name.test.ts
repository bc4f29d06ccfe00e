import { expect, test } from 'vitest';
import { imageFault } from '../../../src/pod-rules/image-name.ts';

test.each([
  'spark',
  'apache/spark:4.1.4-java21',
  'localhost/spark',
  'Registry.test:5000/team/a_b__c.d-e--f:v1_2',
  '[2001:db8::1]:5000/team/spark:1',
  `registry.test/spark:1@sha256:${'0a'.repeat(32)}`,
])('an image can be named %s', (image) => {
  expect(imageFault(image)).toBeUndefined();
});

test.each([
  ['registry.test/spark:${TAG}', 'contains ${TAG}, which was not replaced'],
  ['registry.test/{{ .Values.image }}:1', 'contains {{ .Values.image }}, which was not replaced'],
  ['registry.test/spark:$(VERSION)', 'contains $(VERSION), which was not replaced'],
  ['<registry>/spark', 'contains <registry>, which was not replaced'],
  ['Spark:1', 'must be in lower case: "Spark"'],
  ['registry.test/Team/spark', 'must be in lower case: "Team"'],
  ['spark :1', 'must not contain white space'],
  ['spark:', 'has an invalid tag'],
  ['spark:-1', 'has an invalid tag'],
  ['team//spark', 'has an invalid part of a name: ""'],
  ['https://registry.test/spark', 'names a registry that is not a host: "https:"'],
  ['spark@sha256:abc', 'has an invalid digest'],
  [`${'a'.repeat(256)}`, 'has a name of more than 255 characters'],
])('no image is named %s', (image, fault) => {
  expect(imageFault(image)).toContain(fault);
});

test('a name of a million characters is rejected within a pass', () => {
  for (const text of ['a', 'a-', '-', '.', 'a.', '${', '<', '/', ':', '@']) {
    expect(imageFault(text.repeat(1_000_000 / text.length))).toBeDefined();
  }
});
