// Looks at the built site as people do: in Chromium, in light and in dark, at a desk and on a phone.
// Usage: node check.js [DIRECTORY FOR PICTURES]
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { ROOT, menu } from './.vitepress/pages.js'

const SITE = path.join(ROOT, 'target/site')
const BASE = process.env.SITE_BASE ?? '/'
const AXE = path.join(ROOT, 'site/node_modules/axe-core/axe.min.js')
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png', '.json': 'application/json',
  '.woff2': 'font/woff2', '.svg': 'image/svg+xml', '.yml': 'text/yaml' }
const pictures = process.argv[2]
const faults = new Set()

/** The file that a static host sends for an address; undefined where it would answer 404. */
function fileOf(address) {
  if (!address.startsWith(BASE)) return undefined
  const file = path.join(SITE, decodeURIComponent(address.slice(BASE.length)))
  return [file, file + '.html', path.join(file, 'index.html')].find((name) => fs.existsSync(name) && fs.statSync(name).isFile())
}

/** Each link and each picture of each page leads to a file of the site, and to a place in it. */
function checkLinks() {
  const anchors = new Map()
  const ids = (file) => {
    if (!anchors.has(file)) {
      anchors.set(file, new Set([...fs.readFileSync(file, 'utf8').matchAll(/ id="([^"]+)"/g)].map((match) => match[1])))
    }
    return anchors.get(file)
  }
  let links = 0
  for (const name of fs.readdirSync(SITE, { recursive: true }).filter((file) => file.endsWith('.html'))) {
    const html = fs.readFileSync(path.join(SITE, name), 'utf8')
    for (const [, reference] of html.matchAll(/<(?:a|img|script|link)\b[^>]*? (?:href|src)="([^"]+)"/g)) {
      const url = new URL(reference.replaceAll('&amp;', '&'), `http://site${BASE}${name}`)
      if (url.host !== 'site') continue
      links++
      const file = fileOf(url.pathname)
      if (!file) faults.add(`${name}: ${reference} leads nowhere`)
      else if (url.hash && !ids(file).has(decodeURIComponent(url.hash.slice(1)))) faults.add(`${name}: nothing is at ${reference}`)
    }
  }
  return links
}

function serve() {
  const server = http.createServer((request, response) => {
    const file = fileOf(request.url.split('?')[0])
    response.writeHead(file ? 200 : 404, { 'Content-Type': TYPES[path.extname(file ?? '.html')] ?? 'application/octet-stream' })
    response.end(fs.readFileSync(file ?? path.join(SITE, '404.html')))
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function browserOfTheMachine() {
  const found = ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => process.env.PATH.split(path.delimiter).map((directory) => path.join(directory, name)))
    .find((file) => fs.existsSync(file))
  if (!found) throw new Error('No chromium on the PATH (Debian: apt-get install chromium)')
  return found
}

async function shoot(page, name) {
  if (pictures) await page.screenshot({ path: path.join(pictures, name.replaceAll('/', '_') + '.png') })
}

/** What axe-core holds against a page (WCAG 2.2, levels A and AA, and good practice). */
async function barriers(page, scheme, rules = {}) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: AXE })
  // What differs in the dark is colours.
  const options = scheme === 'dark' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : { rules }
  return page.evaluate(async (given) => (await window.axe.run(given)).violations
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target + ' ' + node.failureSummary).slice(0, 3).join('; ')}`), options)
}

/** A page as whoever opens its address sees it. */
async function look(page, origin, link) {
  const says = (where) => (text) => faults.add(`${link}, ${where}: ${text}`)
  const complain = says('in the console')
  const onConsole = (message) => ['error', 'warning'].includes(message.type()) && complain(message.text())
  const onError = (error) => complain(error.message)
  page.on('console', onConsole).on('pageerror', onError)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
  const response = await page.goto(origin + BASE.slice(0, -1) + link)
  if (!response.ok()) says('opened')(`the answer is ${response.status()}`)
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__)
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.waitForFunction((dark) => document.documentElement.classList.contains('dark') === dark, scheme === 'dark')
    ;(await barriers(page, scheme)).forEach(says(scheme))
    await shoot(page, `${link}-desk-${scheme}`)
  }
  await page.setViewportSize({ width: 375, height: 800 })
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width > 375) says('on a phone')(`it is ${width} pixels wide`)
  await shoot(page, `${link}-phone-dark`)
  page.off('console', onConsole).off('pageerror', onError)
}

async function search(page, origin) {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(origin + BASE)
  await page.locator('#local-search button').first().click()
  await page.locator('#localsearch-input').fill('device code')
  await page.locator('#localsearch-list a').first().waitFor({ timeout: 30_000 })
  const first = await page.locator('#localsearch-list a').first().getAttribute('href')
  if (!first.includes('device-login')) faults.add(`search: "device code" leads to ${first} first`)
  // Two that are built into the theme's list of results.
  const ofTheTheme = { 'nested-interactive': { enabled: false }, 'label-content-name-mismatch': { enabled: false } }
  ;(await barriers(page, 'light', ofTheTheme)).forEach((barrier) => faults.add(`search: ${barrier}`))
  await shoot(page, 'search')
  await page.locator('#localsearch-list a').first().click()
  await page.waitForURL((url) => url.pathname.endsWith(first.split('#')[0]))
}

const links = checkLinks()
const server = await serve()
const browser = await chromium.launch({ executablePath: browserOfTheMachine(), args: ['--no-sandbox', '--disable-dev-shm-usage'] })
try {
  const origin = `http://127.0.0.1:${server.address().port}`
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const pages = ['/', ...menu().flatMap((group) => group.items.map(({ link }) => link))]
  const waiting = [...pages]
  const look2 = async () => {
    const page = await context.newPage()
    for (let link = waiting.shift(); link; link = waiting.shift()) await look(page, origin, link)
  }
  await Promise.all([look2(), look2()])
  await search(await context.newPage(), origin)
  console.log(`${pages.length} pages, ${links} links, in light and dark; ${faults.size} faults`)
} finally {
  await browser.close()
  server.close()
}
if (faults.size > 0) {
  console.error([...faults].join('\n'))
  process.exitCode = 1
}
