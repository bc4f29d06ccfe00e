import * as z from 'zod';
import { DRIVER_CONTAINER_NAME } from '../spark/driver/driver-spec.ts';
import { ErrorCode, ProtocolError, type SubmitRequest } from './protocol.ts';

// Of templates, what the translation looks into; the rest is for the API server to judge.
const texts = z.record(z.string(), z.string());
const named = z.looseObject({ name: z.string() });
const container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).optional(),
  env: z.array(named).optional(),
  ports: z.array(z.looseObject({})).optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).optional(),
  resources: z.looseObject({ requests: z.looseObject({}).optional(), limits: z.looseObject({}).optional() }).optional(),
  securityContext: z.looseObject({}).optional(),
});
const podTemplate = z.looseObject({
  metadata: z
    .looseObject({
      labels: texts.optional(),
      annotations: texts.optional(),
      finalizers: z.array(z.string()).optional(),
      ownerReferences: z
        .array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() }))
        .optional(),
    })
    .optional(),
  spec: z
    .looseObject({
      containers: z.array(container).optional(),
      volumes: z.array(named).optional(),
      imagePullSecrets: z.array(z.looseObject({})).optional(),
      nodeSelector: texts.optional(),
    })
    .optional(),
});
const driverPodTemplate = podTemplate.refine(
  ({ spec: { containers = [] } = {} }) =>
    containers.length === 0 || containers.some(({ name }) => name === DRIVER_CONTAINER_NAME),
  { path: ['spec', 'containers'], message: `must include the container "${DRIVER_CONTAINER_NAME}", which runs Spark` },
);

const requestSchema = z.object({
  // It becomes the value of a label, and part of a path.
  submission_id: z
    .string()
    .regex(
      /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
      'must be a valid label: up to 63 letters, digits, "-", "_" and "."',
    ),
  spark_submit_args: z.array(z.string()).min(1),
  driver_pod_template: driverPodTemplate.optional(),
  executor_pod_template: podTemplate.optional(),
});

/**
 * The request in a body. `onSubmissionId` gets the ID as soon as it is read, for responses to other problems.
 *
 * @throws ProtocolError with every problem of the request, and none of its values
 */
export function readRequest(body: Uint8Array, onSubmissionId: (submissionId: string) => void): SubmitRequest {
  const written = parsed(body);
  const id = (written as Partial<SubmitRequest> | undefined)?.submission_id;
  if (typeof id === 'string' && id.length <= ECHO_LIMIT) onSubmissionId(id);
  const { success, data, error } = requestSchema.safeParse(written);
  if (success) return data as unknown as SubmitRequest;
  const problems = error.issues.map(({ path, message }) => ({
    inTemplate: TEMPLATES.has(path[0]),
    text: `${path.join('.') || 'The body'}: ${message}`,
  }));
  const ofRequest = problems.filter(({ inTemplate }) => !inTemplate);
  const texts = (ofRequest.length > 0 ? ofRequest : problems).slice(0, PROBLEM_LIMIT).map(({ text }) => text);
  throw ofRequest.length > 0
    ? new ProtocolError(400, ErrorCode.BadRequest, texts.join('; '))
    : new ProtocolError(422, ErrorCode.InvalidPodTemplate, texts.join('; '));
}

const ECHO_LIMIT = 256;
const PROBLEM_LIMIT = 10;
const TEMPLATES: ReadonlySet<PropertyKey | undefined> = new Set(['driver_pod_template', 'executor_pod_template']);

function parsed(body: Uint8Array): unknown {
  try {
    return withoutNulls(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    // Or nested deeper than a stack. The parser's own words quote what it read.
    throw new ProtocolError(400, ErrorCode.BadRequest, 'The body is not JSON in UTF-8.');
  }
}

/** To Kubernetes, and to programs that marshal its types, null is the same as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === null ? [] : [[key, withoutNulls(field)]])),
  );
}
