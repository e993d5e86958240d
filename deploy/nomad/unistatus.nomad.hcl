# APIs behind a gateway, collectors and Redis as a Nomad job. MongoDB is elsewhere. The address and other secrets are Nomad
# variables, which tasks of this job may read by themselves:
#
#   nomad var put nomad/jobs/unistatus DB_URL='mongodb://…' SECRET_KEY="$(openssl rand -hex 32)" \
#     REDIS_PASSWORD="$(openssl rand -hex 32)"
#   nomad job run -var image=registry.example.com/unistatus:1.0 deploy/nomad/unistatus.nomad.hcl

variable "image" {
  type        = string
  description = "The image of deploy/Dockerfile."
}

variable "datacenters" {
  type    = list(string)
  default = ["*"]
}

variable "apis" {
  type    = number
  default = 2
}

variable "collectors" {
  type    = number
  default = 2
}

variable "catalog" {
  type    = string
  default = "recommended"
}

variable "trusted_proxies" {
  type        = string
  default     = "10.0.0.0/8,172.16.0.0/12"
  description = "The networks that the gateway asks from."
}

job "unistatus" {
  datacenters = var.datacenters
  type        = "service"

  update {
    max_parallel     = 1
    canary           = 1
    auto_promote     = true
    auto_revert      = true
    min_healthy_time = "10s"
  }

  group "api" {
    count = var.apis

    network {
      port "http" {
        to = 8080
      }
    }

    service {
      name     = "unistatus-api"
      port     = "http"
      provider = "nomad"

      # Nobody is sent to a replica that has nothing to serve yet, and none is ended because its database is away.
      check {
        type     = "http"
        path     = "/readyz"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "api" {
      driver       = "docker"
      kill_timeout = "20s"

      config {
        image           = var.image
        args            = ["api"]
        ports           = ["http"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]
      }

      env {
        APP_HOST        = "0.0.0.0"
        APP_PORT        = "8080"
        CATALOG         = var.catalog
        LOG_FORMAT      = "json"
        TRUSTED_PROXIES = var.trusted_proxies
      }

      template {
        destination = "secrets/settings.env"
        env         = true
        # A Redis that comes and goes ends nobody: limits are each replica's own meanwhile. One that moves to another node is
        # found by the next deployment.
        change_mode = "noop"
        data        = <<-SETTINGS
          {{ with nomadVar "nomad/jobs/unistatus" }}{{ range .Tuples }}
          {{ .K }}={{ .V | toJSON }}
          {{ end }}
          {{ $password := .REDIS_PASSWORD }}
          {{ range nomadService "unistatus-redis" }}
          REDIS_URL=redis://:{{ $password }}@{{ .Address }}:{{ .Port }}/0
          {{ end }}{{ end }}
        SETTINGS
      }

      resources {
        cpu    = 200
        memory = 512
      }
    }
  }

  group "collector" {
    # They share the targets by themselves.
    count = var.collectors

    network {
      port "metrics" {
        to = 9090
      }
    }

    # What could not be written to the database yet outlives the task, and moves with it where it can.
    ephemeral_disk {
      size    = 1024
      sticky  = true
      migrate = true
    }

    service {
      name     = "unistatus-collector"
      port     = "metrics"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/readyz"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "collector" {
      driver       = "docker"
      kill_timeout = "20s"

      config {
        image           = var.image
        args            = ["collector", "60"]
        ports           = ["metrics"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]

        # Pings without the capability NET_RAW.
        sysctl = {
          "net.ipv4.ping_group_range" = "0 2147483647"
        }
      }

      env {
        COLLECTOR_HOST = "0.0.0.0"
        COLLECTOR_PORT = "9090"
        CATALOG        = var.catalog
        LOG_FORMAT     = "json"
        JOURNAL_DIR    = "${NOMAD_ALLOC_DIR}/data/journal"
      }

      template {
        destination = "secrets/settings.env"
        env         = true
        data        = <<-SETTINGS
          {{ with nomadVar "nomad/jobs/unistatus" }}{{ range .Tuples }}
          {{ .K }}={{ .V | toJSON }}
          {{ end }}{{ end }}
        SETTINGS
      }

      resources {
        cpu    = 200
        memory = 512
      }
    }
  }

  group "redis" {
    # Two of them have no room at one port.
    update {
      canary = 0
    }

    network {
      # Always the same, so that it is found again where it was.
      port "redis" {
        static = 6379
        to     = 6379
      }
    }

    service {
      name     = "unistatus-redis"
      port     = "redis"
      provider = "nomad"

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "redis" {
      driver = "docker"
      user   = "redis"

      config {
        image           = "redis:7-alpine"
        command         = "sh"
        args            = ["-c", "exec redis-server --save '' --appendonly no --maxmemory 64mb --maxmemory-policy volatile-ttl --requirepass \"$REDIS_PASSWORD\""]
        ports           = ["redis"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]
      }

      template {
        destination = "secrets/password.env"
        env         = true
        data        = <<-PASSWORD
          {{ with nomadVar "nomad/jobs/unistatus" }}
          REDIS_PASSWORD={{ .REDIS_PASSWORD }}
          {{ end }}
        PASSWORD
      }

      resources {
        cpu    = 50
        memory = 96
      }
    }
  }

  group "gateway" {
    # Two of them have no room at one port.
    update {
      canary = 0
    }

    network {
      port "http" {
        static = 8080
        to     = 8080
      }
    }

    service {
      name     = "unistatus"
      port     = "http"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/healthz"
        interval = "5s"
        timeout  = "2s"
      }
    }

    task "gateway" {
      driver = "docker"

      config {
        image = "nginx:1.28-alpine"
        ports = ["http"]

        mount {
          type     = "bind"
          # The folder: a file that is written anew is another one, and a mount of the file would stay with the old one.
          source   = "local/nginx"
          target   = "/etc/nginx/conf.d"
          readonly = true
        }
      }

      # Written anew when replicas come and go, which nginx is told of.
      template {
        destination   = "local/nginx/default.conf"
        change_mode   = "signal"
        change_signal = "SIGHUP"
        data          = <<-CONF
          upstream api {
            {{ range nomadService "unistatus-api" }}
            server {{ .Address }}:{{ .Port }};
            {{ else }}
            server 127.0.0.1:9 down;
            {{ end }}
            keepalive 32;
          }

          # Where TLS ends before the gateway, whoever ends it says so.
          map $http_x_forwarded_proto $client_scheme {
            default $scheme;
            https https;
          }

          server {
            listen 8080;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            # Not what a client says of itself. Where a proxy of yours stands before this, set_real_ip_from names it.
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $client_scheme;
            proxy_next_upstream error timeout http_503;
            proxy_next_upstream_tries 3;
            proxy_next_upstream_timeout 5s;
            proxy_connect_timeout 1s;
            proxy_read_timeout 30s;

            location / {
              proxy_pass http://api;
            }

            location = /api/stream {
              proxy_pass http://api;
              proxy_buffering off;
              proxy_read_timeout 1h;
            }

            location = /metrics {
              return 404;
            }
          }
        CONF
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
