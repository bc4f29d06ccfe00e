import type * as z from 'zod';
import type { Violation } from '../../validation/problem.ts';
import { asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';
import {
  checkAnnotations,
  checkMetadata,
  checkNameFits,
  checkSecretAnnotations,
  checkSize,
  checkSpec,
  report,
} from '../spec-rules.ts';
import { ConnectAnnotation, idleSecondsOf } from './annotations.ts';
import { checkRoute } from './route.ts';
import { CONNECT_PORT, problemInConnect, serverApplication } from './server-application.ts';

/** Rules that span fields, among them those of the application that is the server. Reads unknown data. */
export function checkSparkConnect(manifest: unknown, context: z.core.$RefinementCtx<unknown>): void {
  const written = asRecord(manifest);
  const metadata = asRecord(written['metadata']);
  const application = serverApplication(written);
  report(context, [
    ...checkSize(manifest),
    ...checkMetadata(written['metadata']),
    ...checkAnnotations(metadata, Object.values(ConnectAnnotation)),
    ...checkNameFits(metadata, '-server'.length, 'the name of its server ("-server" is appended)'),
    ...checkSecretAnnotations(metadata),
    ...checkIdle(asRecord(metadata['annotations']), asRecord(asRecord(written['spec'])['sparkConf'])),
    ...checkRoute(asRecord(metadata['annotations'])),
    ...checkExecutors(asRecord(written['spec'])),
    ...checkPort(asRecord(asRecord(written['spec'])['sparkConf'])),
    ...checkSpec(asRecord(application['spec']), ['spec'], metadata).map(problemInConnect),
  ]);
}

function checkIdle(annotations: UnknownRecord, sparkConf: UnknownRecord): Violation[] {
  const { [ConnectAnnotation.IdleSeconds]: idle, [ConnectAnnotation.RequestedAt]: requestedAt } = annotations;
  const at = (key: string) => ({ path: ['metadata', 'annotations', key], code: 'invalid_format' });
  return [
    ...(idle === undefined || idleSecondsOf(annotations) !== undefined
      ? []
      : [
          {
            ...at(ConnectAnnotation.IdleSeconds),
            message: 'must be a number of seconds',
            allowed: 'a whole number from 1 to 99999999, in quotes, for example "1800"',
          },
        ]),
    ...(requestedAt === undefined || !Number.isNaN(Date.parse(asText(requestedAt) ?? ''))
      ? []
      : [
          {
            ...at(ConnectAnnotation.RequestedAt),
            message: 'must be a time',
            allowed: 'an RFC 3339 time, for example "2026-11-30T12:00:00Z"',
          },
        ]),
    ...(idle === undefined || asText(sparkConf['spark.ui.enabled'])?.trim().toLowerCase() !== 'false'
      ? []
      : [
          {
            path: ['spec', 'sparkConf', 'spark.ui.enabled'],
            code: 'exclusive',
            message: `excludes the annotation ${ConnectAnnotation.IdleSeconds}: the UI reports the last query`,
            remedy: 'remove one of them',
          },
        ]),
  ];
}

function checkExecutors({ executor, dynamicAllocation }: UnknownRecord): Violation[] {
  const { instances } = asRecord(executor);
  if (instances !== 0 || asRecord(dynamicAllocation)['enabled'] === true) return [];
  return [
    {
      path: ['spec', 'executor', 'instances'],
      code: 'too_small',
      message: 'is 0 without dynamic allocation: no query would run',
      remedy: 'set at least 1, or dynamicAllocation.enabled: true',
    },
  ];
}

function checkPort(sparkConf: UnknownRecord): Violation[] {
  const key = 'spark.connect.grpc.binding.port';
  const port = sparkConf[key];
  if (port === undefined || asText(port)?.trim() === String(CONNECT_PORT)) return [];
  return [
    {
      path: ['spec', 'sparkConf', key],
      code: 'not_supported',
      message: `must be ${CONNECT_PORT}, the port of the Service`,
      remedy: 'remove the key; spec.server.service can be of another type, such as LoadBalancer',
    },
  ];
}
