// Stryker's settings for the shim. javascript.js runs it from the root of the repository.

export default {
  plugins: ["./tests/mutation/runner.js", "./tests/mutation/wording.js"],
  testRunner: "worlds",
  ignorers: ["wording"],
  mutate: ["js/compose.js", "js/core/**/*.js", "js/opencode1/**/*.js", "js/compose/**/*.js"],
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  // Two workers slow each other down, and a slow world looks like an endless one.
  concurrency: 1,
  // Engines of ended worlds stay in memory.
  maxTestRunnerReuse: 100,
  // The limit for a mutant that blocks the process. The runner itself ends a test that only waits.
  timeoutMS: 10_000,
  timeoutFactor: 1,
  ignorePatterns: ["**", "!js/**", "!pkg/**", "!schema/**", "!docs/**", "!tests/**", "!package.json", "tests/mutation"],
  disableTypeChecks: false,
  tempDirName: "tests/mutation/sandbox",
  cleanTempDir: "always",
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: "tests/mutation/report.json" },
  allowConsoleColors: false,
}
