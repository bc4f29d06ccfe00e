export {
  DefaultsConfigurationError,
  defaultsSchema,
  parseDefaults,
  readDefaults,
  type DefaultsConfiguration,
} from './defaults-configuration.ts';
export { TeamDefaults } from './team-defaults.ts';
export { explaining, refuseWithoutImage, withDefaults } from './with-defaults.ts';
