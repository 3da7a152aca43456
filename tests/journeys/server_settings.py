"""The line of a server's configuration that takes a variable away, or at which a person would pass it on. Only where it
is certain."""
import os
import sys

import story
import sweep
from loopback import Server
from rabbitmq import free_port
from story import each, patience, recorded

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
import causes  # noqa: E402  the same servers

LONG = {"": sweep.WHY_LONG}
KEY = "OPENAI_API_KEY"


def need(*names):
    os.geteuid() == 0 or story.skip("needs root")
    for name in names:
        os.path.exists(name) or story.skip(f"no {name} here") if name.startswith("/") else story.which(name)


def told(files, http=False, **more):
    os.chmod(".", 0o755)
    sweep.write(files)
    run = recorded(["sh", "run.sh"], sweep.environment((), (), **{KEY: story.openai_key(), **more}), timeout=60, http=http)
    return run.report["headline"]


def expect(headline, beginning):
    assert headline.startswith(beginning), headline


# ---- PHP-FPM ---------------------------------------------------------------------------------------

POOL = "user = root\ngroup = root\nlisten = %s\npm = static\npm.max_children = 1\n"
GLOBAL = "[global]\nerror_log = HERE/log\ndaemonize = no\n"
WWW, OTHER = "[www]\n" + POOL % "HERE/socket", "[other]\n" + POOL % "HERE/other"
PHP = "<?php\n$key = getenv('OPENAI_API_KEY') ?: throw new Exception('OPENAI_API_KEY is missing');\n"
NGINX = causes.NGINX_CONF.format("", "server { listen unix:HERE/web; location / { fastcgi_pass unix:HERE/socket; "
                                 "fastcgi_param SCRIPT_FILENAME HERE/index.php; fastcgi_param REQUEST_METHOD GET; } }")

POOLS = (
    ("nothing is written", {"fpm.conf": GLOBAL + WWW}, "fpm.conf:4: php-fpm"),
    ("clear_env is written", {"fpm.conf": GLOBAL + WWW + "clear_env = yes ; as ever\n"}, "fpm.conf:10: php-fpm"),
    ("a comment", {"fpm.conf": GLOBAL + "; [old]\n" + WWW + ";clear_env = no\n"}, "fpm.conf:5: php-fpm"),
    ("another pool keeps the environment", {"fpm.conf": GLOBAL + OTHER + 'clear_env = "no"\n' + WWW}, "fpm.conf:11: php-fpm"),
    ("another pool clears, too", {"fpm.conf": GLOBAL + OTHER + WWW}, "php-fpm"),
    ("an included pool", {"fpm.conf": GLOBAL + "include=HERE/pool.d/*.conf\n", "pool.d/www.conf": "\n" + WWW, "pool.d/www.conf.old": OTHER}, "pool.d/www.conf:2: php-fpm"),
    ("written after the start", {"fpm.conf": GLOBAL + WWW, "index.php": PHP.replace("?>", "") .replace("$key", "file_put_contents(__DIR__ . '/fpm.conf', \"\\n\", FILE_APPEND); $key")}, "php-fpm"),
)


@each(*POOLS)
def test_a_pool_of_php_fpm(files, wanted):
    need("nginx", "curl", "/usr/sbin/nginx")
    lines = causes.FPM.replace("fpm.conf nginx.conf", "fpm.conf nginx.conf $(ls pool.d/* 2>/dev/null)")
    expect(told({"index.php": PHP, "nginx.conf": NGINX, "run.sh": lines, **files}), wanted)


# ---- nginx -----------------------------------------------------------------------------------------

PERL = "\nload_module /usr/lib/nginx/modules/ngx_http_perl_module.so;%s"


@each(("nothing is written", "", "nginx.conf:1: nginx starts"),
      ("other names", "\n# env OPENAI_API_KEY;\nenv TZ; env PATH;\n", "nginx.conf:4: nginx starts"),
      ("another value", "\nenv MY_OPENAI_API_KEY=env; env\n  LANG;\n", "nginx.conf:3: nginx starts"))
def test_names_that_nginx_keeps(text, wanted):
    need("nginx", "curl", causes.PERL_MODULE)
    conf = causes.NGINX_CONF.format(PERL % text, causes.PERL_HTTP)
    expect(told({"nginx.conf": conf, "run.sh": causes.NGINX_RUN, "worker.py": causes.CLIENT_PY}), wanted)


PROXY = "server { listen 127.0.0.1:PORT; location / { proxy_pass SERVER;\n%s } }"
DROP = 'proxy_set_header authorization "";\n'
PROXY_RUN = ("sed -i \"s#SERVER#$SERVER#; s#PORT#$PORT#\" nginx.conf\nenv -u OPENAI_API_KEY nginx -p $PWD -c nginx.conf & nginx=$!\n"
             "until curl -s -o /dev/null http://127.0.0.1:$PORT/; do sleep 0.2; done\npython3 app.py; status=$?\nkill $nginx; wait\nexit $status\n")
ASKS = causes.WITH.replace("os.environ['SERVER']", "'http://127.0.0.1:' + os.environ['PORT']")


@each(("one line", {"nginx.conf": PROXY % DROP}, "nginx.conf:5: nginx drops"),
      ("among others", {"nginx.conf": PROXY % ('proxy_set_header Cookie "";\n' + DROP)}, "nginx.conf:6: nginx drops"),
      ("in an included file", {"nginx.conf": PROXY % "include drop.inc;\n", "drop.inc": "# why\n" + DROP}, "drop.inc:2: nginx drops"),
      ("two lines", {"nginx.conf": PROXY % DROP + " server { location / {\n" + DROP + " } }"}, "run.sh:2: nginx drops"))
@patience(100)
def test_a_header_that_nginx_takes_away(files, wanted):
    need("nginx", "curl")
    files = {**files, "nginx.conf": causes.NGINX_CONF.format("", files["nginx.conf"])}
    key = story.openai_key()
    with Server(key) as server:
        expect(told({"app.py": ASKS, "run.sh": PROXY_RUN, **files}, http=True, SERVER=server.url, PORT=str(free_port()), **{KEY: key}), wanted)


# ---- Apache ----------------------------------------------------------------------------------------

@each(("nothing is written", "", "httpd.conf:1: apache2 starts"),
      ("other names", "<IfModule nothing>\nPassEnv PATH\n</IfModule>\nPassEnv LANG TZ\n", "httpd.conf:18: apache2 starts"))
def test_names_that_apache_passes(text, wanted):
    need("apache2", "curl")
    os.chmod(".", 0o755)
    sweep.write({"ask.py": causes.ASK_CGI, "httpd.conf": causes.APACHE_CONF + text, "run.sh": causes.APACHE})
    run = causes.in_terminals((("sh run.sh", {}),), [], {"PORT": str(free_port())}, {KEY: story.openai_key()})
    expect(run.report["headline"], wanted)
