import * as z from 'zod';
import { formatted } from '../validation/formats.ts';

const labelKey = formatted('label-key');
const labelValue = formatted('label-value');
const poolName = z.string().min(1);

const expression = z.strictObject({
  key: labelKey,
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(labelValue).exactOptional(),
});

const taint = z.strictObject({
  key: labelKey,
  value: labelValue.exactOptional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const toleration = z.strictObject({
  key: labelKey.exactOptional(),
  operator: z.enum(['Equal', 'Exists']).exactOptional(),
  value: labelValue.exactOptional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).exactOptional(),
  tolerationSeconds: z.number().int().exactOptional(),
});

const admission = z
  .strictObject({
    maxApplications: z.number().int().positive().exactOptional().describe('Applications at a time.'),
    maxApplicationsPerNamespace: z
      .number()
      .int()
      .positive()
      .exactOptional()
      .describe('Applications of one namespace at a time.'),
    driverShare: z
      .number()
      .gt(0)
      .max(1)
      .exactOptional()
      .describe("Part of the pool's CPU and memory that drivers may request together."),
  })
  .describe('How many applications may have their driver on the pool at once; the others wait. Default: any number.');

const pool = z.strictObject({
  purpose: z.string().exactOptional().describe('Description for readers.'),
  labels: z.record(labelKey, labelValue).exactOptional().describe('Labels that its nodes have, all of them.'),
  expressions: z.array(expression).exactOptional().describe('Further requirements of node affinity, all of them.'),
  taints: z.array(taint).exactOptional().describe('Taints that its nodes have.'),
  tolerations: z.array(toleration).exactOptional().describe('Tolerations that admit pods to its nodes.'),
  autoscaled: z.boolean().exactOptional().describe('An autoscaler adds nodes when pods request them. Default: false.'),
  admission: admission.exactOptional(),
});

/** `any`, `same` (executors near the driver), `spread` (executors over zones), or the zones that are allowed. */
export type ZonePolicy = 'any' | 'same' | 'spread' | readonly string[];

const zones = z.custom<ZonePolicy>(
  (value) =>
    Array.isArray(value)
      ? value.length > 0 && value.every((zone) => typeof zone === 'string' && zone !== '')
      : ['any', 'same', 'spread'].includes(value as string),
  { message: 'must be any, same, spread or a list of zones' },
);

const perRole = <T extends z.ZodType>(value: T) =>
  z.strictObject({ driver: value.exactOptional(), executor: value.exactOptional() });

const profile = z.strictObject({
  driver: poolName.describe('Pool of the driver.'),
  executor: poolName.describe('Pool of the executors.'),
  zones: zones.exactOptional().describe('Default: any.'),
  priorityClassName: perRole(formatted('dns-1123-subdomain')).exactOptional(),
  doNotDisrupt: perRole(z.boolean()).exactOptional().describe('Ask autoscalers to leave the pod where it is.'),
});

/** A placement configuration as written. */
export const placementSchema = z.strictObject({
  preset: z.enum(['generic', 'kubeadm', 'rke2', 'harvester', 'eks-karpenter', 'gke', 'aks']).exactOptional(),
  pools: z.record(formatted('dns-1123-label'), pool).exactOptional(),
  profiles: z.record(formatted('dns-1123-label'), profile).exactOptional(),
  defaultProfile: z.string().min(1).exactOptional(),
  doNotDisruptAnnotations: z.record(labelKey, z.string()).exactOptional(),
});

export type WrittenPlacement = z.output<typeof placementSchema>;
export type WrittenAdmission = z.output<typeof admission>;
export type WrittenPool = z.output<typeof pool>;
export type WrittenProfile = z.output<typeof profile>;
