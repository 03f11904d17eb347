/** The system on a real cluster: `npm run test:e2e`, see docs/e2e.md. One file after the other, on one shared system. */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/e2e'],
  testPathIgnorePatterns: [],
  globalSetup: '<rootDir>/test/e2e/set-up.ts',
  globalTeardown: '<rootDir>/test/e2e/tear-down.ts',
  reporters: ['default', ['jest-junit', { outputDirectory: 'dist', outputName: 'test-e2e.xml' }]],
  maxWorkers: 1,
  testTimeout: 600_000,
  verbose: true,
};
