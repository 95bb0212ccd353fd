// How Stryker tries the shim. It is run by javascript.js, from the root of the repository.

export default {
  plugins: ["./tests/mutation/runner.js", "./tests/mutation/wording.js"],
  testRunner: "worlds",
  ignorers: ["wording"],
  mutate: ["js/compose.js", "js/core/**/*.js", "js/opencode1/**/*.js", "js/compose/**/*.js"],
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  // Two workers make each other slow, and a world that is slow looks like one without an end.
  concurrency: 1,
  // Engines of worlds that are over stay in memory.
  maxTestRunnerReuse: 100,
  // For what never lets go of the process; the runner itself ends what only waits.
  timeoutMS: 10_000,
  timeoutFactor: 1,
  ignorePatterns: ["**", "!js/**", "!pkg/**", "!tests/**", "!package.json", "tests/mutation"],
  disableTypeChecks: false,
  tempDirName: "tests/mutation/sandbox",
  cleanTempDir: "always",
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: "tests/mutation/report.json" },
  allowConsoleColors: false,
}
