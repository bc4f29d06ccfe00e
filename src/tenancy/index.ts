export type { Allowance, TenancyTarget, TenancyUse } from './allowance.ts';
export { Tenancy, type TenancyOrigin } from './tenancy.ts';
export {
  parseTenancy,
  readTenancy,
  TenancyConfigurationError,
  tenancySchema,
  type TenancyConfiguration,
} from './tenancy-configuration.ts';
export { TenancyRefusal, TenancyRefused } from './tenancy-refused.ts';
