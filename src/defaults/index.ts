export {
  DefaultsConfigurationError,
  defaultsSchema,
  parseDefaults,
  readDefaults,
  type DefaultsConfiguration,
} from './defaults-configuration.ts';
export { explaining, ruleAt } from './explaining.ts';
export { TeamDefaults } from './team-defaults.ts';
export { refuseWithoutImage, withDefaults } from './with-defaults.ts';
