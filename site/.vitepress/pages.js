import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

const CODE_HOST = pomValue('url')

/** In the order in which people need them. The menu's word is the heading of the page unless it is given here. */
const MENU = {
  Start: ['getting-started', 'sample', 'which-way-in'],
  'Log in': ['device-login', ['code-login', 'Browser login'], 'commands'],
  'Call': ['clients', ['mcp', 'MCP servers'], ['client-authentication', 'Keys instead of secrets']],
  'Configure': ['stores', 'configuration', ['configuration-import', 'Well-known documents'], 'provider-notes', 'spring-security',
    'without-boot'],
  'Test and run': ['testing', 'troubleshooting', 'operations', 'meters', 'security', 'performance'],
  'Versions': [['matrix', 'Tested with'], ['upgrade', 'Upgrading'], ['/CHANGELOG', 'Changelog']],
  'Inside': ['architecture', ['standards', 'Standards and tests'], ['acceptance', 'Behaviour and tests'], ['README', 'All pages, types, decisions']]
}

/** The pages that are not in docs, or whose names mean something else there. */
const NAMES = { 'docs/README.md': 'pages.md', 'CHANGELOG.md': 'changelog.md', 'site/index.md': 'index.md' }

/** The project's version, and where these pages are: both from the build file, which messages and alerts have it from too. */
export const version = pomValue('version').replace('-SNAPSHOT', '')
export const address = pomValue('documentation.url').replace('${documentation.version}', pomValue('documentation.version'))

function pomValue(name) {
  const pom = fs.readFileSync(path.join(ROOT, 'pom.xml'), 'utf8')
  const value = new RegExp(`<${name}>(.+?)</${name}>`).exec(pom)
  if (!value) throw new Error(`pom.xml has no ${name}`)
  return value[1]
}

export { CODE_HOST as codeHost }

/** Where a file of the repository is on the site; undefined for what is not a page. */
export function pageOf(file) {
  return NAMES[file] ?? (/^docs\/.+\.md$/.test(file) ? file.slice('docs/'.length) : undefined)
}

function heading(file) {
  return /^# (.+)$/m.exec(fs.readFileSync(path.join(ROOT, file), 'utf8'))[1].replaceAll('`', '')
}

function item(entry) {
  const [name, text] = [entry].flat()
  const file = name.startsWith('/') ? `${name.slice(1)}.md` : `docs/${name}.md`
  return { text: text ?? heading(file), link: '/' + pageOf(file).replace(/\.md$/, '') }
}

export function menu() {
  const groups = Object.entries(MENU).map(([text, entries]) => ({ text, items: entries.map(item) }))
  const shown = new Set(groups.flatMap((group) => group.items.map(({ link }) => link)))
  for (const file of fs.readdirSync(path.join(ROOT, 'docs'))) {
    const page = pageOf('docs/' + file)
    if (page && !shown.has('/' + page.replace('.md', ''))) throw new Error(`docs/${file} is not in the menu: see pages.js`)
  }
  return groups
}

/** The address of a heading, as GitHub makes it: the same links work there. */
export function anchor(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
}

/** Leads a link of one file to the same place on the site, or to the code host for what is not here. */
export function linkFrom(file, href) {
  if (/^[a-z]+:|^#|^\/\//.test(href)) return href
  const [target, fragment] = href.split('#')
  const found = path.relative(ROOT, path.resolve(ROOT, path.dirname(file), target)).replaceAll(path.sep, '/')
  const suffix = fragment ? '#' + fragment : ''
  if (found.startsWith('..') || !fs.existsSync(path.join(ROOT, found))) throw new Error(`${file}: ${href} leads nowhere`)
  if (found === 'docs/adr') return '/pages.md#decisions'
  if (found === 'README.md') return fragment ? `${CODE_HOST}/blob/main/README.md${suffix}` : '/index.md'
  if (/^docs\/operations\/.+/.test(found)) return '/' + found.slice('docs/'.length)
  const page = pageOf(found)
  const kind = fs.statSync(path.join(ROOT, found)).isDirectory() ? 'tree' : 'blob'
  return page ? `/${page}${suffix}` : `${CODE_HOST}/${kind}/main/${found}${suffix}`
}
