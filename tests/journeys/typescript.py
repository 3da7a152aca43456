"""The table of TypeScript layouts in docs/limits.md is what a small program shows in each of them, compiled and run by the real
tools: the line in the editor of a read in vain, and of a launch."""
import json
import os
import re
import socket
import subprocess

import story
from nodes import KEY, node
from story import asked, environment, program, recorded

READ, LAUNCH = "// READ", "// LAUNCH"
DRIFT = f"""interface Settings {{
  name: string
  optional?: number
}}

type Keys = 'a' | 'b'

import {{ spawnSync }} from 'node:child_process'

export function need(settings: Settings): string | undefined {{
  return process.env[settings.name] {READ}
}}


export function start(keys?: Keys): void {{
  const environment: Record<string, string> = {{ A: '1' }}
  spawnSync('/bin/true', [], {{ env: environment }}) {LAUNCH}
}}
"""
MAIN = f"""
need({{ name: '{KEY}' }})
start()
"""
LINES = {mark: 1 + DRIFT[:DRIFT.index(mark)].count("\n") for mark in (READ, LAUNCH)}
OPTIONS = {"target": "es2022", "module": "commonjs", "moduleResolution": "node10", "esModuleInterop": True, "skipLibCheck": True, "types": [],
           "rootDir": "src", "outDir": "dist", "noEmitOnError": False, "experimentalDecorators": True, "emitDecoratorMetadata": True}


# ---- the layouts: each makes a program here, and answers its command ---------------------------

def files(packages="typescript", main=MAIN, name="src/drift.ts", **options):
    os.symlink(story.packages(packages) + "/node_modules", "node_modules")
    program(json.dumps({"compilerOptions": {**OPTIONS, **options}, "include": ["src"]}), "tsconfig.json")
    return program(DRIFT + main, name)


def tool(path):
    return "node_modules/" + path


def build(*command, folder="dist"):
    """tsc finds no types of Node here, and compiles all the same."""
    done = subprocess.run([node(), *command], capture_output=True, text=True, env=environment(NO_COLOR="1", NEXT_TELEMETRY_DISABLED="1"))
    assert os.path.isdir(folder), (command, done.stdout, done.stderr)


def run_of(*command, version=None):
    return [node(version) if version else node(), *command]


def tsx():
    return run_of(tool("tsx/dist/cli.mjs"), files())


def tsx_of_modules():
    files()
    program('{"type": "module"}', "package.json")
    return run_of(tool("tsx/dist/cli.mjs"), "src/drift.ts")


def ts_node():
    return run_of(tool("ts-node/dist/bin.js"), "--transpile-only", files())


def swc_node():
    return run_of("-r", "@swc-node/register", files(inlineSourceMap=True))


def esbuild_register():
    return run_of("-r", "esbuild-register", files())


def tsc(**options):
    files(**options)
    build(tool("typescript/bin/tsc"))
    return run_of("dist/drift.js")


def tsc_and_flag():
    command = tsc(sourceMap=True)
    return [command[0], "--enable-source-maps", *command[1:]]


def nest():
    main = f"""
import 'reflect-metadata'
import {{ Module, Injectable }} from '@nestjs/common'
import {{ NestFactory }} from '@nestjs/core'

@Injectable()
class Service {{
  onModuleInit() {{ need({{ name: '{KEY}' }}); start() }}
}}
@Module({{ providers: [Service] }})
class AppModule {{ }}
NestFactory.createApplicationContext(AppModule, {{ logger: false }})
"""
    files(main=main, sourceMap=True)
    build(tool("typescript/bin/tsc"))
    return run_of("dist/drift.js")


def esbuild(*flags, packages="node"):
    files(packages)
    build(tool("esbuild/bin/esbuild"), "src/drift.ts", "--bundle", "--platform=node", "--outfile=dist/app.js", "--log-level=error", *flags)
    return run_of("dist/app.js")


def swc():
    files()
    os.mkdir("dist")
    program("""const { code, map } = require('@swc/core').transformFileSync('src/drift.ts', { sourceMaps: true, swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' }, 
  sourceFileName: '../src/drift.ts' })
const { writeFileSync } = require('fs')
writeFileSync('dist/drift.js', code + '\\n//# sourceMappingURL=drift.js.map\\n')
writeFileSync('dist/drift.js.map', map)
""", "build.js")
    build("build.js")
    return run_of("dist/drift.js")


def webpack(mode="production", devtool="source-map"):
    files(sourceMap=True)
    program(f"""module.exports = {{ mode: '{mode}', target: 'node', devtool: '{devtool}', entry: './src/drift.ts', resolve: {{ extensions: ['.ts', '.js'] }},
  module: {{ rules: [{{ test: /\\.ts$/, loader: 'ts-loader', options: {{ transpileOnly: true }} }}] }}, output: {{ filename: 'app.js' }} }}
""", "webpack.config.js")
    build(tool("webpack-cli/bin/cli.js"))
    return run_of("dist/app.js")


def vite():
    files()
    program("export default { build: { ssr: 'src/drift.ts', sourcemap: true, outDir: 'dist' }, logLevel: 'error' }\n", "vite.config.mjs")
    build(tool("vite/bin/vite.js"), "build")
    return run_of("dist/" + next(name for name in os.listdir("dist") if re.fullmatch(r"drift\.m?js", name)))


def vitest(*flags):
    files(main=f"\nimport {{ test }} from 'vitest'\ntest('it', () => {{ need({{ name: '{KEY}' }}); start() }})\n", name="src/drift.test.ts")
    program("{}", "package.json")
    return run_of(tool("vitest/vitest.mjs"), "run", *flags)


def jest():
    files(main=f"\ntest('it', () => {{ need({{ name: '{KEY}' }}); start() }})\n", name="src/drift.test.ts")
    program("module.exports = { preset: 'ts-jest', testEnvironment: 'node', transform: { '\\\\.ts$': ['ts-jest', { diagnostics: false, isolatedModules: true }] } }\n",
            "jest.config.js")
    program("{}", "package.json")
    return run_of(tool("jest/bin/jest.js"), "--cacheDirectory=./cache")


SERVE = """const { spawn } = require('child_process'), http = require('http')
const [mode, port] = process.argv.slice(2)
const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', mode, '-p', port], { stdio: 'inherit', detached: true })
let asked = 0
const end = (status) => { server.on('exit', () => process.exit(status)); process.kill(-server.pid) }
const again = () => { if (++asked > 200) end(1); else setTimeout(ask, 300) }
const ask = () => http.get({ port, path: '/api/drift' }, (r) => { r.resume(); r.on('end', () => end(r.statusCode === 200 ? 0 : 1)) }).on('error', again)
ask()
"""


def next_server(version, mode):
    """Turbopack follows no link out of the project."""
    packages = story.packages("next-" + version) + "/node_modules"
    if subprocess.run(["cp", "-al", packages, "."], capture_output=True).returncode:
        subprocess.run(["cp", "-a", packages, "."], check=True)
    program(DRIFT + f"""
export const dynamic = 'force-dynamic'
export async function GET(): Promise<Response> {{
  need({{ name: '{KEY}' }})
  start()
  return Response.json({{}})
}}
""", "app/api/drift/route.ts")
    program("export default function Layout({ children }: any) { return <html><body>{children}</body></html> }\n", "app/layout.tsx")
    program("module.exports = { typescript: { ignoreBuildErrors: true } }\n", "next.config.js")
    program('{"private": true}', "package.json")
    program(SERVE, "serve.js")
    if mode == "start":
        build("node_modules/next/dist/bin/next", "build", folder=".next")
    with socket.socket() as free:
        free.bind(("", 0))
        return run_of("serve.js", mode, str(free.getsockname()[1]))


def of_node_itself(*flags):
    return run_of(*flags, program(DRIFT + MAIN, "src/drift.ts"), version="24")


LAYOUTS = {
    "tsx": tsx,
    "tsx, ES modules": tsx_of_modules,
    "ts-node": ts_node,
    "@swc-node/register": swc_node,
    "esbuild-register": esbuild_register,
    "tsc --sourceMap": lambda: tsc(sourceMap=True),
    "tsc --inlineSourceMap": lambda: tsc(inlineSourceMap=True),
    "tsc --sourceMap, node --enable-source-maps": tsc_and_flag,
    "tsc without a map": tsc,
    "NestJS, dist/": nest,
    "esbuild --bundle --sourcemap": lambda: esbuild("--sourcemap"),
    "esbuild --bundle --sourcemap=inline": lambda: esbuild("--sourcemap=inline"),
    "esbuild --bundle --minify --sourcemap": lambda: esbuild("--sourcemap", "--minify"),
    "esbuild --bundle --minify": lambda: esbuild("--minify"),
    "swc": swc,
    "webpack, production": webpack,
    "webpack, production, a map of lines": lambda: webpack(devtool="cheap-module-source-map"),
    "webpack, development": lambda: webpack("development", "eval"),
    "webpack, development, with maps": lambda: webpack("development", "eval-source-map"),
    "Vite, SSR": vite,
    "Vitest": vitest,
    "Vitest, threads": lambda: vitest("--pool=threads"),
    "Jest with ts-jest": jest,
    "Next 14, server": lambda: next_server("14", "start"),
    "Next 14, development": lambda: next_server("14", "dev"),
    "Next 16, server": lambda: next_server("16", "start"),
    "Next 16, development": lambda: next_server("16", "dev"),
    "Node strips types": of_node_itself,
    "Node transforms types": lambda: of_node_itself("--experimental-transform-types"),
}
EVERYDAY = ("esbuild --bundle --sourcemap", "esbuild --bundle --sourcemap=inline", "esbuild --bundle --minify --sourcemap")
LONG = {rf"\[{re.escape(name)}\]": "a download of 200 MB or more, or another version of Node" for name in LAYOUTS if name not in EVERYDAY}


SOURCE = r"(src/drift(\.test)?|app/api/drift/route)\.ts"


# ---- what is told ----------------------------------------------------------------------------------

def told(events, mark):
    for e in events:
        is_it = e["e"] == "read" and e.get("name") == KEY and not e.get("found") if mark == READ else \
            e["e"] in ("exec", "spawn") and e.get("path") == "/bin/true"
        site = e.get("site", "")
        if not is_it or "node_modules" in site:
            continue
        if re.fullmatch(rf"(\.|{os.getcwd()})/{SOURCE}:{LINES[mark]}", site.replace("file://", "")):
            return "line"
        return "compiled" if e.get("compiled") else f"seen at {site}"
    return "not"


def shown(layout):
    run = recorded(LAYOUTS[layout](), environment(CI="1", NO_COLOR="1", NEXT_TELEMETRY_DISABLED="1"))
    assert run.status == 0, (run.status, run.out, run.err)
    asked("pack", "-o", "t.pack.jsonl", run.trace)
    with open("t.pack.jsonl") as file:
        events = [json.loads(line) for line in file]
    return [told(events, READ), told(events, LAUNCH)]


def table():
    """The rows of docs/limits.md: what a layout is called, with its two cells."""
    with open(os.path.join(story.ROOT, "docs", "limits.md")) as file:
        text = file.read()
    rows = text.split("| layout | a miss | a launch |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {row[0]: row[1:3] for row in cells}


@story.patience(240)
@story.each(*((layout, layout) for layout in LAYOUTS))
def test_the_row_is_what_the_program_shows(layout):
    row, seen = table().get(layout), shown(layout)
    assert row == seen, f"docs/limits.md says {row} of {layout}, the program shows {seen}"


def test_the_page_has_a_row_for_each_layout_and_no_other():
    assert list(table()) == list(LAYOUTS), set(table()) ^ set(LAYOUTS)
