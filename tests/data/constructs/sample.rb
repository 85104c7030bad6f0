# frozen_string_literal: true
require "set"
require_relative "price"
autoload :Basket, "shop/basket"

module Shop
  RATES = %w[low high].freeze
  Point = Struct.new(:x, :y) do
    def norm = Math.sqrt(x**2 + y**2)
  end

  class Error < StandardError; end

  # Holds what somebody buys.
  class Cart < Basket::Base
    include Enumerable, Comparable
    extend ActiveSupport::Concern
    prepend(Log)
    attr_reader :items, :owner
    attr_accessor "note"
    alias_method :size, :count
    alias old_total total
    delegate :each, to: :items
    private :helper
    define_method(:vat) { |rate = 0.2, *rest, key: 1, **more, &block| total * rate }

    class << self
      def open(path) = new(File.read(path))
      attr_writer :cache
    end

    def initialize(text, limit: 10)
      @items = text.lines.map(&:chomp)
      @limit, @owner = limit, nil
      @@count ||= 0
    end

    def self.make(*args) = new(*args)

    def total(rate)
      sum = items.sum { |item| item.price * rate }
      sum += yield(sum) if block_given?
      return sum unless sum > 1
      case owner
      in { name: String => name, age: Integer } then puts "#{name} #{sum}"
      when nil, Error then raise Error, "none"
      else log(:info, <<~TEXT)
        total of #{sum}
      TEXT
      end
    rescue ArgumentError, Error => e
      warn e.message
    ensure
      items.each_with_index do |item, i|
        send(:"#{item}=", i)
      end
    end

    def ==(other) = other.is_a?(Cart) && items == other.items
    def method_missing(name, *) = super
    def Cart.other; ::Shop::Cart.instance_eval { helper } end
    undef helper
    ->(x) { x&.to_s }.call(1)
    begin; while true do break; end; end
    Klass = Class.new(Cart) { def go; end }
    instance_eval "def made; end"
  end
end
